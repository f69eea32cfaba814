// What becomes of TSIG keys in the log, by the writer's way.
#include "common/node/key_plans.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/log/codec.h"
#include "common/node/key_label.h"
#include "primary/writer.h"
#include "tests/support/zone_text.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TsigKey key(std::string_view text) {
  return tsig_key_from_text(text).value();
}

class KeyPlansTest : public ::testing::Test {
 protected:
  KeyPlansTest() {
    EXPECT_TRUE(writer_.bootstrap(cluster_id(7)));
    writer_.start();
  }

  [[nodiscard]] std::vector<std::string> labels() {
    std::vector<std::string> out;
    for (const SecretInfo& secret : log_->table().secrets(kKeyPurpose, "")) {
      out.push_back(secret.label);
    }
    return out;
  }

  Entry last_entry() { return *decode_entry(log_->entries().read(log_.head())->octets); }

  ManualClock clock_;
  MemoryStore store_;
  TestLog log_{store_, clock_};
  Writer writer_{*log_, sealer_of_node(1), node_id(1)};
};

TEST_F(KeyPlansTest, ANewKeyIsNamedByItsNameAndAlgorithmAndItsSecretIsNowhereInTheLog) {
  const TsigKey made = new_tsig_key(name("CertBot."), TsigAlgorithm{});
  const auto receipt = change(writer_, plan_key_create(made));
  ASSERT_TRUE(receipt);
  EXPECT_TRUE(receipt->changed);
  EXPECT_TRUE(receipt->warnings.empty());
  EXPECT_THAT(labels(), ElementsAre("certbot.:hmac-sha256"));
  const Octets entry = log_->entries().read(log_.head())->octets;
  EXPECT_EQ(as_text(entry).find(as_text(made.secret)), std::string_view::npos);
  EXPECT_EQ(as_text(entry).find(to_base64(made.secret)), std::string_view::npos);
  EXPECT_EQ(last_entry().changes.front().zone, ZoneId{});
}

TEST_F(KeyPlansTest, TwoOfOneNameAreRefusedWhateverTheirAlgorithmsAndInOneGroupToo) {
  ASSERT_TRUE(change(writer_, plan_key_create(new_tsig_key(name("a."), {}))));
  const auto twice =
      change(writer_, plan_key_create(new_tsig_key(name("A."), {TsigHash::kSha512, 64})));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Errc::kExists);
  TableDraft draft = log_->draft();
  const Plan planned = *plan_key_create(new_tsig_key(name("b."), {}))(draft);
  ASSERT_TRUE(
      draft.apply({ZoneId{}, SecretNamed{std::get<SecretChange>(planned.changes.front()).info}}));
  EXPECT_EQ(plan_key_create(new_tsig_key(name("b."), {}))(draft).error().code, Errc::kExists);
  EXPECT_TRUE(change(writer_, plan_key_create(new_tsig_key(name("a.b."), {}))));
}

TEST_F(KeyPlansTest, AllKeysOfAnImportAreOneEntryAndTheSameAgainIsNone) {
  const std::vector<TsigKey> keys = {key("hmac-sha256:one:c2VjcmV0LW9uZS1vZi0zMi1vY3RldHMh"),
                                     key("hmac-sha512:two:c2VjcmV0LXR3by1vZi0zMi1vY3RldHMh")};
  const std::uint64_t before = log_.head();
  ASSERT_TRUE(change(writer_, plan_key_import(keys, IfOther::kRefuse)));
  EXPECT_EQ(log_.head(), before + 1);
  EXPECT_EQ(last_entry().changes.size(), 2U);
  EXPECT_THAT(labels(), ElementsAre("one.:hmac-sha256", "two.:hmac-sha512"));
  const auto again = change(writer_, plan_key_import(keys, IfOther::kReplace));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(log_.head(), before + 1);
}

TEST_F(KeyPlansTest, AnotherSecretOrAlgorithmIsRefusedWithAllOfTheFileUnlessItReplaces) {
  ASSERT_TRUE(change(writer_, plan_key_import({key("hmac-sha256:one:AAAA")}, IfOther::kRefuse)));
  for (const auto& [text, what] : {std::pair{"hmac-sha256:one:AAAB", "another secret"},
                                   std::pair{"hmac-sha512:one:AAAA", "another algorithm"}}) {
    const std::vector<TsigKey> keys = {key("hmac-sha256:new:AAAA"), key(text)};
    const auto refused = change(writer_, plan_key_import(keys, IfOther::kRefuse));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::kExists);
    EXPECT_THAT(refused.error().detail, HasSubstr(what));
    EXPECT_THAT(refused.error().detail, Not(HasSubstr("AAA")));
  }
  EXPECT_THAT(labels(), ElementsAre("one.:hmac-sha256"));
  ASSERT_TRUE(change(writer_, plan_key_import({key("hmac-sha512:one:AAAB")}, IfOther::kReplace)));
  EXPECT_THAT(labels(), ElementsAre("one.:hmac-sha512"));
  ASSERT_EQ(last_entry().changes.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<SecretDropped>(last_entry().changes.front().kind));
}

TEST_F(KeyPlansTest, AKeyIsDeletedOnceAndMayComeAgain) {
  ASSERT_TRUE(change(writer_, plan_key_create(new_tsig_key(name("a."), {}))));
  ASSERT_TRUE(change(writer_, plan_key_delete(name("A."))));
  EXPECT_THAT(labels(), ElementsAre());
  EXPECT_EQ(change(writer_, plan_key_delete(name("a."))).error().code, Errc::kNotFound);
  EXPECT_TRUE(change(writer_, plan_key_create(new_tsig_key(name("a."), {}))));
}

TEST_F(KeyPlansTest, WeakAlgorithmsAndShortSecretsAreTakenWithAWarning) {
  const auto weak =
      change(writer_, plan_key_create(new_tsig_key(name("a."), {TsigHash::kMd5, 16})));
  ASSERT_TRUE(weak);
  EXPECT_THAT(weak->warnings, ElementsAre(HasSubstr("hmac-md5 is weak")));
  const auto both = change(writer_, plan_key_import({key("hmac-sha1:b:AAAA")}, IfOther::kRefuse));
  ASSERT_TRUE(both);
  EXPECT_THAT(both->warnings, ElementsAre(HasSubstr("hmac-sha1 is weak"), HasSubstr("3 octets")));
}

TEST(CheckKey, RefusesWhatTheLogCannotName) {
  EXPECT_TRUE(check_key(new_tsig_key(name("update_1.example-x."), {})));
  EXPECT_FALSE(check_key(new_tsig_key(name("."), {})));
  EXPECT_FALSE(check_key(new_tsig_key(name(R"(a\.b.)"), {})));
  EXPECT_FALSE(check_key(new_tsig_key(name("a/b."), {})));
  const std::string part = std::string(60, 'x') + ".";
  EXPECT_TRUE(check_key(new_tsig_key(name(part + part + part), {})));
  EXPECT_FALSE(check_key(new_tsig_key(name(part + part + part + part), {TsigHash::kSha512, 32})));
  EXPECT_FALSE(check_key({name("a."), {}, {}}));
  EXPECT_FALSE(check_key({name("a."), {}, Octets(kMaxKeyOctets + 1)}));
}

TEST(KeyLabel, SaysBothNameAndAlgorithm) {
  const KeyLabel label{name("a.b."), {TsigHash::kSha384, 24}};
  EXPECT_EQ(label_of(label), "a.b.:hmac-sha384-192");
  EXPECT_EQ(key_label_from(label_of(label)), label);
  EXPECT_EQ(key_label_from("a.b."), std::nullopt);
  EXPECT_EQ(key_label_from("a.b.:hmac-sha9"), std::nullopt);
}

}  // namespace
}  // namespace tandem::test
