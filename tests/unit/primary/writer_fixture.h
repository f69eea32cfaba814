// A writer over a log in memory whose store fails on command.
#pragma once

#include <future>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "common/log/codec.h"
#include "common/node/plans.h"
#include "primary/writer.h"
#include "tests/support/faulty_store.h"
#include "tests/support/zone_text.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {

inline constexpr std::string_view kZone = "example.";

/// Records of more than an entry may hold.
inline std::string large_lines(std::string_view text) {
  std::string lines;
  for (int i = 0; i < 4000; ++i) {
    lines += fmt::format("n{} TXT \"{}{}\"\n", i, text, std::string(180, 'x'));
  }
  return lines;
}

class WriterTest : public ::testing::Test {
 protected:
  WriterTest() { EXPECT_TRUE(writer_->bootstrap(cluster_id(7))); }

  void start_with_zone(ZoneOptions options = {}) {
    writer_->start();
    ASSERT_TRUE(change(*writer_, plan_create(name(kZone), options, zone("a A 192.0.2.1\n"))));
  }

  Serial serial() const { return log_.answered(kZone)->serial(); }

  /// Submits without waiting.
  std::future<Result<Receipt>> submit(Planner plan, std::string_view request_id = "") {
    auto promise = std::make_shared<std::promise<Result<Receipt>>>();
    writer_->submit({{"test", "none", "here", ""},
                     to_octets(as_octets(request_id)),
                     std::move(plan),
                     [promise](Result<Receipt> result) { promise->set_value(std::move(result)); }});
    return promise->get_future();
  }

  /// Keeps the writer busy until the returned promise is set, so that what is submitted meanwhile
  /// waits together.
  std::shared_ptr<std::promise<void>> hold_writer() {
    auto begun = std::make_shared<std::promise<void>>();
    auto release = std::make_shared<std::promise<void>>();
    writer_->submit({{},
                     {},
                     [begun, release](const TableDraft& /*zones*/) -> Result<Plan> {
                       begun->set_value();
                       release->get_future().wait();
                       return Plan{};
                     },
                     [](const Result<Receipt>& /*receipt*/) {}});
    begun->get_future().wait();
    return release;
  }

  Entry entry(std::uint64_t sequence) {
    return *decode_entry(log_->entries().read(sequence)->octets);
  }

  ManualClock clock_;
  MemoryStore memory_;
  testing::FaultyStore store_{memory_};
  TestLog log_{store_, clock_};
  std::unique_ptr<Writer> writer_ = std::make_unique<Writer>(*log_, sealer_of_node(1), node_id(1));
};

}  // namespace tandem::test
