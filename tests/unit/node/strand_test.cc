#include "common/node/strand.h"

#include <future>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

using Weight = Strand::Weight;

struct Gate {
  std::promise<void> begun;
  std::promise<void> open;

  Strand::Task task() {
    return [this] {
      begun.set_value();
      open.get_future().wait();
    };
  }
};

TEST(StrandTest, WhatIsLightRunsAtOnceOnTheCallersThread) {
  Worker worker;
  const auto strand = std::make_shared<Strand>(worker);
  std::thread::id ran_on;
  strand->run([&] { ran_on = std::this_thread::get_id(); });
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(StrandTest, NobodyWaitsForWhatIsHeavyAndTheOrderStays) {
  Gate gate;  // outlives the worker
  Worker worker;
  const auto strand = std::make_shared<Strand>(worker);
  std::vector<int> order;
  std::promise<void> done;
  strand->run(gate.task(), Weight::kHeavy);
  strand->run([&] { order.push_back(1); }, Weight::kLight, 100);
  strand->run([&] { order.push_back(2); }, Weight::kHeavy, 10);
  strand->run([&] {
    order.push_back(3);
    done.set_value();
  });
  gate.begun.get_future().wait();
  EXPECT_TRUE(order.empty());
  EXPECT_EQ(strand->waiting_octets(), 110U);
  gate.open.set_value();
  done.get_future().wait();
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
  EXPECT_EQ(strand->waiting_octets(), 0U);
}

TEST(StrandTest, AnotherStrandsLightWorkDoesNotWaitForTheWorker) {
  Gate gate;  // outlives the worker
  Worker worker;
  const auto busy = std::make_shared<Strand>(worker);
  const auto other = std::make_shared<Strand>(worker);
  busy->run(gate.task(), Weight::kHeavy);
  gate.begun.get_future().wait();
  bool has_run = false;
  other->run([&] { has_run = true; });
  EXPECT_TRUE(has_run);
  gate.open.set_value();
}

TEST(StrandTest, ATaskGoesOnBeforeWhatWaits) {
  Worker worker;
  const auto strand = std::make_shared<Strand>(worker);
  std::vector<int> order;
  std::promise<void> done;
  const std::thread::id here = std::this_thread::get_id();
  strand->run([&] {
    strand->run([&] {
      order.push_back(2);
      done.set_value();
    });
    strand->run_next([&] { order.push_back(std::this_thread::get_id() == here ? 0 : 1); });
  });
  done.get_future().wait();
  EXPECT_EQ(order, (std::vector{1, 2}));
}

TEST(StrandTest, StoppingDropsWhatWaits) {
  Gate gate;  // outlives the worker
  Worker worker;
  const auto strand = std::make_shared<Strand>(worker);
  auto held = std::make_shared<int>(1);
  strand->run(gate.task(), Weight::kHeavy);
  gate.begun.get_future().wait();
  const auto other = std::make_shared<Strand>(worker);
  other->run([held] {}, Weight::kHeavy);
  auto stopped = std::async(std::launch::async, [&worker] { worker.stop(); });
  gate.open.set_value();
  EXPECT_EQ(stopped.wait_for(std::chrono::seconds(30)), std::future_status::ready);
}

TEST(StrandTest, AWorkerInStepsDoesOneTaskForEachOnTheCallersThread) {
  Worker worker(Worker::Pace::kSteps);
  const auto strand = std::make_shared<Strand>(worker);
  std::vector<std::thread::id> ran_on;
  const auto note = [&] { ran_on.push_back(std::this_thread::get_id()); };
  strand->run(note, Weight::kHeavy);
  strand->run(note, Weight::kHeavy);
  EXPECT_TRUE(ran_on.empty());
  EXPECT_TRUE(worker.step());
  EXPECT_EQ(ran_on, std::vector{std::this_thread::get_id()});
  EXPECT_TRUE(worker.step());
  EXPECT_EQ(ran_on.size(), 2U);
  EXPECT_FALSE(worker.step());
}

}  // namespace
}  // namespace tandem::test
