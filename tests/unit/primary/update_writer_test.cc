// Updates that a rule allows, as far as followers can have what they come to.
#include "primary/update_writer.h"

#include <future>

#include "common/dns/rdata.h"
#include "common/node/rule_plans.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

class UpdateWriterTest : public WriterTest {
 protected:
  void allow(std::string_view rule) {
    const UpdateRule read = *zone_rule_from_text(rule, name(kZone));
    ASSERT_TRUE(change(*writer_, plan_add_rules(name(kZone), {read.to_text()})));
  }

  /// A follower was met that knows these kinds of change.
  void meet_follower(std::vector<std::uint32_t> kinds) {
    hub_ = std::make_unique<LinkHub>(LinkHub::Options{.self = node_id(1),
                                                      .hello = [] { return HelloFrame{}; },
                                                      .position = [] { return Position{}; }},
                                     clock_);
    hub_->remember(node_id(2), false, {}, WallTime(), std::move(kinds));
  }

  /// Adds a TXT record at `owner`.
  Rcode add(std::string_view owner) {
    UpdateRequest request;
    request.update.zone = name(kZone);
    UpdateStep step;
    step.kind = UpdateStep::Kind::kAdd;
    step.owner = *Name::from_text(owner, name(kZone));
    step.type = RrType::kTxt;
    step.ttl = 60;
    step.rdata = *rdata_from_text(RrType::kTxt, "x");
    request.update.steps.push_back(std::move(step));
    request.who.from = *SocketAddress::from_text("192.0.2.1:53");
    auto promise = std::make_shared<std::promise<Rcode>>();
    request.done = [promise](const UpdateOutcome& outcome) { promise->set_value(outcome.rcode); };
    UpdateWriter(*log_, *writer_, rules_, hub_.get()).submit(std::move(request));
    return promise->get_future().get();
  }

  std::vector<UpdateRule> rules_;
  std::unique_ptr<LinkHub> hub_;
};

TEST_F(UpdateWriterTest, WhatWouldExpireNeedsFollowersThatKnowOfIt) {
  start_with_zone();
  allow("from:192.0.2.0/24 name:_gone type:TXT expire:1d");
  allow("from:192.0.2.0/24 name:stays type:TXT");
  meet_follower({1, 2, 3});
  EXPECT_EQ(add("_gone"), Rcode::kServFail);
  EXPECT_FALSE(log_.answered(kZone)->find_rrset(name("_gone.example."), RrType::kTxt));
  EXPECT_EQ(add("stays"), Rcode::kNoError);
  meet_follower(known_change_kinds());
  EXPECT_EQ(add("_gone"), Rcode::kNoError);
  EXPECT_TRUE(log_.answered(kZone)->find_rrset(name("_gone.example."), RrType::kTxt));
}

}  // namespace
}  // namespace tandem::test
