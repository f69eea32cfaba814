// Events on their way to places that take them, refuse them, or hang.
#include "common/node/teller.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <poll.h>

#include <gtest/gtest.h>

namespace tandem::test {
namespace {

using std::chrono::seconds;

/// Keeps what it was given; refuses the first few.
class Place {
 public:
  explicit Place(int refused = 0) : refused_(refused) {}

  TellPlace place() {
    return {"program", "/test", [this](const Event& event, const StopEvent& /*stop*/) -> Status {
              const std::lock_guard lock(mutex_);
              changed_.notify_all();
              if (refused_ > 0) {
                --refused_;
                return fail(Errc::kIo, "not now");
              }
              taken_.push_back(event.text);
              return {};
            }};
  }

  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(30), [&] { return taken_.size() >= count; });
    return taken_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> taken_;
  int refused_;
};

Event event(std::string_view text) {
  return make_event(EventKind::kAlarm, text, WallTime(seconds(1)));
}

TEST(Teller, EveryPlaceGetsEveryEventInOrderAndARefusedOneAgain) {
  const SystemClock clock;
  Place good;
  Place late(1);
  Teller teller({good.place(), late.place()}, clock);
  teller.tell(event("a"));
  teller.tell(event("b"));
  EXPECT_EQ(good.wait_for(2), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(late.wait_for(2), (std::vector<std::string>{"a", "b"}));
  teller.stop();
  const auto states = teller.states();
  EXPECT_EQ(states[0].failed, 0U);
  EXPECT_EQ(states[1].failed, 1U);
  EXPECT_EQ(states[1].told, 2U);
  EXPECT_EQ(states[1].last_error, "");
  EXPECT_EQ(states[1].waiting, 0U);
}

TEST(Teller, APlaceThatHangsHoldsUpNobodyAndNotTheStop) {
  const SystemClock clock;
  Place good;
  std::promise<void> begun;
  const TellPlace hung{"webhook", "http://hung",
                       [&begun](const Event& /*event*/, const StopEvent& stop) -> Status {
                         begun.set_value();
                         pollfd wait{stop.fd(), POLLIN, 0};
                         static_cast<void>(::poll(&wait, 1, -1));
                         return fail(Errc::kUnavailable, "stopped");
                       }};
  Teller teller({hung, good.place()}, clock);
  teller.tell(event("a"));
  begun.get_future().wait();
  EXPECT_EQ(good.wait_for(1), std::vector<std::string>{"a"});
  teller.stop();
  EXPECT_EQ(teller.states()[0].last_error, "stopped");
}

TEST(Teller, ATestSaysWhatCameOfItAtEachPlaceAndIsNotTriedAgain) {
  const SystemClock clock;
  Place good;
  Place bad(1);
  Teller teller({good.place(), bad.place()}, clock);
  std::promise<std::vector<TellOutcome>> done;
  ASSERT_TRUE(teller.test(event("test"), [&](auto outcomes) { done.set_value(outcomes); }));
  const auto outcomes = done.get_future().get();
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].error, "");
  EXPECT_EQ(outcomes[1].error, "not now");
  EXPECT_EQ(teller.states()[1].waiting, 0U);
  EXPECT_EQ(good.wait_for(1), std::vector<std::string>{"test"});
}

TEST(Teller, ATestWithNobodyToTellSaysWhatToDo) {
  const SystemClock clock;
  Teller teller({}, clock);
  const auto begun = teller.test(event("test"), [](const auto& /*outcomes*/) { FAIL(); });
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, Errc::kNotFound);
  EXPECT_NE(begun.error().detail.find("--tell-webhook"), std::string::npos);
}

}  // namespace
}  // namespace tandem::test
