// A followed catalog's members come, go and are reset; what is wrong changes nothing.
#include "secondary/catalog_follower.h"

#include <gmock/gmock.h>

#include "common/node/catalog_plans.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kCatalog = "c.invalid.";
constexpr std::string_view kOther = "d.invalid.";

/// Notes which zones were to be taken anew.
class FakePulls final : public PullService {
 public:
  NotifyTaken notify(const IncomingNotify& /*notify*/, const SocketAddress& /*from*/,
                     const std::optional<Name>& /*key*/) override {
    return NotifyTaken::kNotPulled;
  }

  Status retransfer(NameView zone) override {
    taken.push_back(zone.to_text());
    return {};
  }

  [[nodiscard]] std::vector<PulledState> states() const override { return {}; }

  [[nodiscard]] std::optional<PulledState> state(NameView /*zone*/) const override { return {}; }

  [[nodiscard]] std::optional<std::chrono::seconds> remaining(NameView /*zone*/) const override {
    return {};
  }

  [[nodiscard]] PullStats stats() const override { return {}; }

  [[nodiscard]] std::vector<ZoneLeft> zones_left() const override { return {}; }

  std::vector<std::string> taken;
};

class CatalogFollowerTest : public WriterTest {
 protected:
  CatalogFollowerTest() { writer_->start(); }

  void follow(std::string_view catalog = kCatalog, std::string_view words = "192.0.2.1") {
    const auto setting = CatalogSetting::from_text(fmt::format("follow {}", words)).value();
    const auto done = change(*writer_, plan_follow(name(catalog), *setting.followed, {}));
    ASSERT_TRUE(done) << done.error().detail;
  }

  /// As the puller gives a content to the writer.
  Result<Receipt> bring(std::string_view origin, const ZonePtr& content) {
    auto promise = std::make_shared<std::promise<Result<Receipt>>>();
    ChangeRequest request;
    request.plan = plan_import(name(origin), content, IfMissing::kRefuse);
    request.done = [promise](Result<Receipt> result) { promise->set_value(std::move(result)); };
    request.is_from_source = true;
    writer_->submit(std::move(request));
    return promise->get_future().get();
  }

  /// `lines`: below `zones.` of the catalog.
  void say(std::string_view lines, std::string_view catalog = kCatalog) {
    std::string text = "version TXT 2\n";
    text += lines;
    const auto done = bring(catalog, zone(text, catalog));
    ASSERT_TRUE(done) << done.error().detail;
    follower_.turn();
  }

  SettingBook sources() {
    SettingBook book = log_->table().settings(SettingKind::kSource);
    book.erase(std::string(kCatalog));
    book.erase(std::string(kOther));
    return book;
  }

  SettingBook members() { return log_->table().settings(SettingKind::kMember); }

  ZoneRecordPtr record(std::string_view origin) { return log_->table().find(name(origin)); }

  FollowedState state(std::string_view catalog = kCatalog) {
    return follower_.state(name(catalog)).value();
  }

  FakePulls pulls_;
  CatalogFollower follower_{{*log_, *writer_, pulls_},
                            ZoneSources(SettingBook{{"own.example.", "192.0.2.9:53"}})};
};

TEST_F(CatalogFollowerTest, MembersComeAndGo) {
  follow();
  follower_.turn();
  EXPECT_THAT(state().problem, HasSubstr("not come"));
  say("x.zones PTR a.example.\ny.zones PTR B.example.\n");
  EXPECT_THAT(sources(),
              ElementsAre(Pair("a.example.", "192.0.2.1:53"), Pair("b.example.", "192.0.2.1:53")));
  EXPECT_THAT(members(), ElementsAre(Pair("a.example.", "from:c.invalid. label:78"),
                                     Pair("b.example.", "from:c.invalid. label:79")));
  ASSERT_NE(record("a.example."), nullptr);
  EXPECT_EQ(state().applied, 1U);
  ASSERT_TRUE(bring("a.example.", zone("", "a.example.")));
  say("y.zones PTR b.example.\n");
  EXPECT_EQ(record("a.example."), nullptr);
  EXPECT_THAT(sources(), ElementsAre(Pair("b.example.", "192.0.2.1:53")));
  EXPECT_THAT(members(), SizeIs(1));
  EXPECT_THAT(pulls_.taken, IsEmpty());
}

TEST_F(CatalogFollowerTest, AnotherLabelIsAnotherZone) {
  follow();
  say("x.zones PTR a.example.\n");
  ASSERT_TRUE(bring("a.example.", zone("", "a.example.")));
  const ZoneId before = record("a.example.")->id;
  say("z.zones PTR a.example.\n");
  ASSERT_NE(record("a.example."), nullptr);
  EXPECT_NE(record("a.example.")->id, before);
  EXPECT_EQ(record("a.example.")->zone, nullptr);
  EXPECT_THAT(pulls_.taken, ElementsAre("a.example."));
  EXPECT_THAT(members(), ElementsAre(Pair("a.example.", "from:c.invalid. label:7a")));
}

TEST_F(CatalogFollowerTest, ABrokenCatalogChangesNothing) {
  follow();
  say("x.zones PTR a.example.\n");
  ASSERT_TRUE(bring(kCatalog, zone("version TXT 3\n", kCatalog)));
  follower_.turn();
  EXPECT_THAT(state().problem, HasSubstr("broken"));
  EXPECT_EQ(state().applied, 1U);
  EXPECT_THAT(sources(), SizeIs(1));
  say("");
  EXPECT_EQ(state().problem, "");
  EXPECT_THAT(sources(), IsEmpty());
}

TEST_F(CatalogFollowerTest, WhatIsHereAlreadyStays) {
  ASSERT_TRUE(change(*writer_, plan_create(name("a.example."), {}, zone("", "a.example."))));
  follow();
  say("x.zones PTR a.example.\ny.zones PTR own.example.\nz.zones PTR b.example.\n"
      "w.zones PTR c.invalid.\n");
  EXPECT_THAT(sources(), ElementsAre(Pair("b.example.", "192.0.2.1:53")));
  EXPECT_NE(record("a.example.")->zone, nullptr);
  EXPECT_EQ(state().clash_count, 3U);
  EXPECT_THAT(state().clashes,
              UnorderedElementsAre(name("c.invalid."), name("a.example."), name("own.example.")));
  say("z.zones PTR b.example.\n");
  EXPECT_NE(record("a.example."), nullptr) << "it did not come from here";
  EXPECT_EQ(state().clash_count, 0U);
}

TEST_F(CatalogFollowerTest, AZoneInTheWayMayGo) {
  ASSERT_TRUE(change(*writer_, plan_create(name("a.example."), {}, zone("", "a.example."))));
  follow();
  say("x.zones PTR a.example.\n");
  ASSERT_TRUE(change(*writer_, plan_delete(name("a.example."))));
  clock_.advance(std::chrono::seconds(11));
  follower_.turn();
  EXPECT_EQ(state().clash_count, 0U);
  EXPECT_THAT(sources(), SizeIs(1));
}

TEST_F(CatalogFollowerTest, GroupsAreTemplates) {
  follow(kCatalog, "192.0.2.1 group:keep=serve-after-expire,rrset-records-max:7");
  say("x.zones PTR a.example.\ngroup.x.zones TXT other\ngroup.x.zones TXT keep\n"
      "y.zones PTR b.example.\ngroup.y.zones TXT Keep\n");
  EXPECT_TRUE(record("a.example.")->options.serve_after_expire);
  EXPECT_EQ(record("a.example.")->options.rrset_records_max, 7U);
  EXPECT_FALSE(record("b.example.")->options.serve_after_expire) << "case counts";
  follow(kCatalog, "192.0.2.1 group:keep=serve-after-expire");
  follower_.turn();
  EXPECT_EQ(record("a.example.")->options.rrset_records_max, 0U);
  const ZoneId before = record("a.example.")->id;
  say("x.zones PTR a.example.\ny.zones PTR b.example.\n");
  EXPECT_FALSE(record("a.example.")->options.serve_after_expire);
  EXPECT_EQ(record("a.example.")->id, before);
}

TEST_F(CatalogFollowerTest, MembersFollowTheirPrimaries) {
  follow(kCatalog, "192.0.2.1 members-from:192.0.2.2");
  say("x.zones PTR a.example.\n");
  EXPECT_THAT(sources(), ElementsAre(Pair("a.example.", "192.0.2.2:53")));
  follow(kCatalog, "192.0.2.1 members-from:192.0.2.3");
  follower_.turn();
  EXPECT_THAT(sources(), ElementsAre(Pair("a.example.", "192.0.2.3:53")));
}

// RFC 9432 s4.3.1
TEST_F(CatalogFollowerTest, AZoneMovesWhenItsCatalogSaysSo) {
  follow();
  follow(kOther, "192.0.2.2");
  say("x.zones PTR a.example.\n");
  ASSERT_TRUE(bring("a.example.", zone("", "a.example.")));
  const ZoneId before = record("a.example.")->id;
  say("x.zones PTR a.example.\n", kOther);
  EXPECT_EQ(state(kOther).clash_count, 1U);
  say("x.zones PTR a.example.\ncoo.x.zones PTR d.invalid.\n");
  EXPECT_THAT(members(), ElementsAre(Pair("a.example.", "from:d.invalid. label:78")));
  EXPECT_THAT(sources(), ElementsAre(Pair("a.example.", "192.0.2.2:53")));
  EXPECT_EQ(record("a.example.")->id, before) << "with its state";
  EXPECT_EQ(state().clash_count, 0U) << "it says itself where the zone is";
  say("");
  EXPECT_NE(record("a.example."), nullptr);
}

TEST_F(CatalogFollowerTest, ManyMembersComeInSeveralChanges) {
  follow();
  std::string lines;
  for (int i = 0; i < 1000; ++i) {
    lines += fmt::format("x{0}.zones PTR z{0}.example.\n", i);
  }
  const std::uint64_t before = log_.head();
  say(lines);
  EXPECT_THAT(sources(), SizeIs(1000));
  EXPECT_GE(log_.head(), before + 1 + 1000 / kMostSteps);
  say("");
  EXPECT_THAT(sources(), IsEmpty());
}

TEST_F(CatalogFollowerTest, MembersStayWhenTheCatalogIsFollowedNoMore) {
  follow();
  say("x.zones PTR a.example.\n");
  const auto ended = change(*writer_, plan_unfollow(name(kCatalog)));
  ASSERT_TRUE(ended) << ended.error().detail;
  EXPECT_THAT(ended->warnings, ElementsAre(HasSubstr("1 zones that came from it stay")));
  follower_.turn();
  EXPECT_EQ(record(kCatalog), nullptr);
  EXPECT_NE(record("a.example."), nullptr);
  EXPECT_THAT(sources(), SizeIs(1));
  EXPECT_FALSE(follower_.state(name(kCatalog)));
  follow();
  say("");
  EXPECT_EQ(record("a.example."), nullptr) << "it is known where it came from";
}

TEST_F(CatalogFollowerTest, WhatIsMadeIsNotFollowed) {
  ASSERT_TRUE(change(*writer_, plan_catalog(name(kCatalog), {})));
  const auto setting = CatalogSetting::from_text("follow 192.0.2.1").value();
  EXPECT_EQ(change(*writer_, plan_follow(name(kCatalog), *setting.followed, {})).error().code,
            Errc::kRefused);
  ASSERT_TRUE(change(*writer_, plan_create(name("a.example."), {}, zone("", "a.example."))));
  EXPECT_EQ(change(*writer_, plan_follow(name("a.example."), *setting.followed, {})).error().code,
            Errc::kExists);
  EXPECT_EQ(change(*writer_, plan_unfollow(name("a.example."))).error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace tandem::test
