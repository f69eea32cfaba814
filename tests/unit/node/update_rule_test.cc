// Rules about who may change what: their text, both ways, and what they decide.
#include "common/node/update_rule.h"

#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

Credential who(std::string_view key, std::string_view address) {
  Credential out;
  if (!key.empty()) {
    out.key = name(key);
  }
  out.from = *SocketAddress::from_text(address);
  return out;
}

UpdateMessage adding(std::string_view owner, RrType type) {
  UpdateMessage update;
  update.zone = name("example.");
  update.steps.push_back({UpdateStep::Kind::kAdd, name(owner), type, 60, {}});
  return update;
}

bool allows(std::string_view rule, const Credential& asking, const UpdateMessage& update) {
  const std::vector rules{*UpdateRule::from_text(rule, name("example."))};
  return decide({.configuration = rules, .log = {}}, asking, update).is_allowed;
}

TEST(UpdateRule, IsReadAndShownTheSame) {
  constexpr std::string_view kEverything =
      "key:a. from:192.0.2.0/24 from:2001:db8::1 name:www.example. name:*.dyn.example. "
      "name:**.sub.example. name:_acme-challenge.* type:A type:AAAA";
  for (const std::string_view text : std::initializer_list<std::string_view>{
           "key:certbot.", "from:192.0.2.0/24", "from:192.0.2.1", "from:2001:db8::/32",
           "from:0.0.0.0/0", "from:::/0", kEverything, "key:a. name:*.", "key:a. wait:none",
           "key:a. wait:all"}) {
    const auto rule = UpdateRule::from_text(text);
    ASSERT_TRUE(rule) << rule.error().detail;
    EXPECT_EQ(rule->to_text(), text);
  }
}

TEST(UpdateRule, CompletesNamesWithTheZone) {
  const auto rule =
      UpdateRule::from_text("key:Upd name:www name:@ name:*.dyn name:_x.*", name("example."));
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->to_text(),
            "key:upd. name:www.example. name:example. name:*.dyn.example. name:_x.*");
}

TEST(UpdateRule, SaysWhatIsWrong) {
  const auto reason = [](std::string_view text) {
    const auto rule = UpdateRule::from_text(text);
    return rule ? std::string("good") : rule.error().detail;
  };
  EXPECT_NE(reason("").find("needs a key or an address"), std::string::npos);
  EXPECT_NE(reason("name:www.example.").find("needs a key or an address"), std::string::npos);
  EXPECT_NE(reason("key:a key:b").find("one key"), std::string::npos);
  EXPECT_NE(reason("key:a type:NONSENSE").find("type:NONSENSE"), std::string::npos);
  EXPECT_NE(reason("key:a type:AXFR").find("type:AXFR"), std::string::npos);
  EXPECT_NE(reason("key:a 192.0.2.300").find("192.0.2.300"), std::string::npos);
  EXPECT_NE(reason("key:a from:192.0.2.1/24").find("a whole network"), std::string::npos);
  EXPECT_NE(reason("kez:a").find("expected key:NAME"), std::string::npos);
  EXPECT_NE(reason("kez:a").find("did you mean \"key\"?"), std::string::npos);
  EXPECT_NE(reason("key web").find("did you mean key:web, without a space"), std::string::npos);
  EXPECT_NE(reason("key:a 192.0.2.1/24").find("a whole network"), std::string::npos);
  EXPECT_EQ(reason("host:www").find("host:www", 2), reason("host:www").npos) << "said once";
  EXPECT_NE(reason("key:..").find("key:.."), std::string::npos);
}

TEST(UpdateRule, AsksForTheKeyAndTheAddressThatItNames) {
  const UpdateMessage update = adding("a.example.", RrType::kA);
  EXPECT_TRUE(allows("key:k", who("K.", "192.0.2.1:5"), update));
  EXPECT_FALSE(allows("key:k", who("other.", "192.0.2.1:5"), update));
  EXPECT_FALSE(allows("key:k", who("", "192.0.2.1:5"), update));
  EXPECT_TRUE(allows("192.0.2.0/24", who("", "192.0.2.1:5"), update));
  EXPECT_TRUE(allows("192.0.2.0/24", who("any.", "192.0.2.1:5"), update));
  EXPECT_FALSE(allows("192.0.2.0/24", who("", "192.0.3.1:5"), update));
  EXPECT_TRUE(allows("key:k 192.0.2.0/24", who("k.", "192.0.2.1:5"), update));
  EXPECT_FALSE(allows("key:k 192.0.2.0/24", who("k.", "192.0.3.1:5"), update));
  EXPECT_FALSE(allows("key:k 192.0.2.0/24", who("", "192.0.2.1:5"), update));
}

TEST(UpdateRule, AnAddressAloneDoesNotCountWhenAnotherNodeSaysIt) {
  const UpdateMessage update = adding("a.example.", RrType::kA);
  Credential asking = who("k.", "192.0.2.1:5");
  asking.is_forwarded = true;
  EXPECT_FALSE(allows("192.0.2.0/24", asking, update));
  EXPECT_TRUE(allows("key:k 192.0.2.0/24", asking, update));
}

TEST(UpdateRule, NamesWhatItIsAbout) {
  const Credential asking = who("k.", "192.0.2.1:5");
  const auto at = [&](std::string_view pattern, std::string_view owner) {
    return allows("key:k name:" + std::string(pattern), asking, adding(owner, RrType::kTxt));
  };
  EXPECT_TRUE(at("www", "WWW.example."));
  EXPECT_FALSE(at("www", "a.www.example."));
  EXPECT_TRUE(at("*.dyn", "a.b.dyn.example."));
  EXPECT_FALSE(at("*.dyn", "dyn.example."));
  EXPECT_FALSE(at("*.dyn", "a-dyn.example."));
  EXPECT_TRUE(at("**.dyn", "dyn.example."));
  EXPECT_TRUE(at("_acme-challenge.*", "_acme-challenge.example."));
  EXPECT_TRUE(at("_acme-challenge.*", "_ACME-challenge.a.b.example."));
  EXPECT_FALSE(at("_acme-challenge.*", "a._acme-challenge.example."));
  EXPECT_FALSE(at("_acme-challenge.*", "_acme-challengex.example."));
  EXPECT_TRUE(at("_443._tcp.*", "_443._tcp.www.example."));
  EXPECT_FALSE(at("_443._tcp.*", "_443.example."));
  EXPECT_FALSE(at("a.example.*", "a.example."));
}

TEST(UpdateRule, NamesTheTypes) {
  const Credential asking = who("k.", "192.0.2.1:5");
  EXPECT_TRUE(allows("key:k type:A type:AAAA", asking, adding("a.example.", RrType::kAaaa)));
  EXPECT_FALSE(allows("key:k type:A", asking, adding("a.example.", RrType::kTxt)));
  UpdateMessage whole = adding("a.example.", RrType::kAny);
  whole.steps.front().kind = UpdateStep::Kind::kDeleteName;
  EXPECT_FALSE(allows("key:k type:A", asking, whole));
  EXPECT_TRUE(allows("key:k", asking, whole));
}

TEST(UpdateRule, EveryStepNeedsOne) {
  const std::vector rules{*UpdateRule::from_text("key:k name:a.example."),
                          *UpdateRule::from_text("key:k name:b.example. type:TXT")};
  const Credential asking = who("k.", "192.0.2.1:5");
  UpdateMessage update = adding("a.example.", RrType::kA);
  update.steps.push_back({UpdateStep::Kind::kAdd, name("b.example."), RrType::kTxt, 60, {}});
  EXPECT_EQ(decide({.configuration = rules, .log = {}}, asking, update).rule, &rules[1]);
  update.steps.push_back({UpdateStep::Kind::kAdd, name("b.example."), RrType::kA, 60, {}});
  const UpdateDecision decision = decide({.configuration = rules, .log = {}}, asking, update);
  EXPECT_FALSE(decision.is_allowed);
  EXPECT_EQ(decision.reason, "no rule for it allows b.example. A");
}

TEST(UpdateRule, PrerequisitesAloneNeedOneToo) {
  UpdateMessage update;
  update.zone = name("example.");
  const std::vector rules{*UpdateRule::from_text("key:k name:a.example.")};
  EXPECT_TRUE(
      decide({.configuration = rules, .log = {}}, who("k.", "192.0.2.1:5"), update).is_allowed);
  EXPECT_FALSE(
      decide({.configuration = rules, .log = {}}, who("", "192.0.2.1:5"), update).is_allowed);
  EXPECT_FALSE(decide({}, who("k.", "192.0.2.1:5"), update).is_allowed);
}

}  // namespace
}  // namespace tandem::test
