// Catalogs of the log's zones, by the writer's way: zone and catalog change in one entry.
#include "common/node/catalog_plans.h"

#include <gmock/gmock.h>

#include "common/node/catalog_members.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kCatalog = "catalog.invalid.";
constexpr std::string_view kOther = "other.invalid.";

class CatalogPlansTest : public WriterTest {
 protected:
  CatalogPlansTest() { writer_->start(); }

  Result<Receipt> make(std::string_view catalog = kCatalog, const MadeCatalog& how = {}) {
    return change(*writer_, plan_catalog(name(catalog), how));
  }

  Result<Receipt> create(std::string_view origin) {
    return change(*writer_, plan_create(name(origin), {}, zone("", origin)));
  }

  Result<Receipt> remove(std::string_view origin) {
    return change(*writer_, plan_delete(name(origin)));
  }

  Result<Receipt> wish(std::string_view member, const MemberWish& wish) {
    return change(*writer_, plan_member(name(member), wish));
  }

  Result<Receipt> move(std::string_view member, std::string_view to) {
    return change(*writer_, plan_member_move(name(member), name(to)));
  }

  CatalogContent content(std::string_view catalog = kCatalog) {
    const ZonePtr zone = log_.answered(catalog);
    return zone != nullptr ? read_catalog(*zone, kMaxCatalogMembers).value() : CatalogContent{};
  }

  /// `zone group coo`, as far as there is one of each.
  std::vector<std::string> listed(std::string_view catalog = kCatalog) {
    std::vector<std::string> out;
    for (const CatalogMember& member : content(catalog).members) {
      std::string line = member.zone.to_text();
      for (const Octets& group : member.groups) {
        line += " " + std::string(as_text(OctetSpan(group).subspan(1)));
      }
      out.push_back(line + (member.coo ? " to " + member.coo->to_text() : ""));
    }
    return out;
  }

  std::string label(std::string_view member) {
    const CatalogContent all = content();
    const CatalogMember* const found = all.find(name(member));
    return found != nullptr ? found->label : std::string();
  }

  Serial catalog_serial() { return log_.answered(kCatalog)->serial(); }
};

TEST_F(CatalogPlansTest, ListsAllZonesThatHaveContent) {
  ASSERT_TRUE(create("a.example."));
  ASSERT_TRUE(change(*writer_, plan_create(name("empty."), {}, nullptr)));
  const auto made = make();
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->zone_name.to_text(), kCatalog);
  EXPECT_EQ(made->serial, catalog_serial());
  EXPECT_THAT(listed(), ElementsAre("a.example."));
  EXPECT_FALSE(make()->changed);
  EXPECT_EQ(label("a.example."), log_->table().find(name("a.example."))->id.to_text());
}

TEST_F(CatalogPlansTest, ZoneAndCatalogChangeInOneEntry) {
  ASSERT_TRUE(make());
  const std::uint64_t before = log_.head();
  const Serial first = catalog_serial();
  ASSERT_TRUE(create("a.example."));
  EXPECT_EQ(log_.head(), before + 1);
  EXPECT_THAT(entry(log_.head()).zone_digests, SizeIs(2));
  EXPECT_THAT(listed(), ElementsAre("a.example."));
  const Serial second = catalog_serial();
  EXPECT_TRUE(is_newer(second, first));
  ASSERT_TRUE(remove("a.example."));
  EXPECT_EQ(log_.head(), before + 2);
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_TRUE(is_newer(catalog_serial(), second));
}

TEST_F(CatalogPlansTest, AFirstContentListsAndAnEmptyZoneIsNotThere) {
  ASSERT_TRUE(make());
  ASSERT_TRUE(change(*writer_, plan_create(name("a.example."), {}, nullptr)));
  EXPECT_THAT(listed(), IsEmpty());
  ASSERT_TRUE(change(*writer_,
                     plan_import(name("a.example."), zone("", "a.example."), IfMissing::kRefuse)));
  EXPECT_THAT(listed(), ElementsAre("a.example."));
}

TEST_F(CatalogPlansTest, ALargeFirstContentListsToo) {
  ASSERT_TRUE(make());
  ASSERT_TRUE(change(*writer_, plan_create(name(kZone), {}, zone(large_lines("x")))));
  EXPECT_THAT(listed(), ElementsAre(kZone));
}

TEST_F(CatalogPlansTest, ChangesOfRecordsLeaveItAsItIs) {
  ASSERT_TRUE(make());
  ASSERT_TRUE(create(kZone));
  const Serial before = catalog_serial();
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.1")));
  EXPECT_EQ(catalog_serial(), before);
}

TEST_F(CatalogPlansTest, AZoneMadeAgainHasAnotherLabel) {
  ASSERT_TRUE(make());
  ASSERT_TRUE(create("a.example."));
  const std::string first = label("a.example.");
  ASSERT_TRUE(remove("a.example."));
  ASSERT_TRUE(create("a.example."));
  EXPECT_NE(label("a.example."), first);
  EXPECT_THAT(listed(), ElementsAre("a.example."));
}

TEST_F(CatalogPlansTest, GroupsAreTheZonesOwnOrTheCatalogs) {
  ASSERT_TRUE(make(kCatalog, {.group = "home"}));
  ASSERT_TRUE(create("a.example."));
  ASSERT_TRUE(create("b.example."));
  ASSERT_TRUE(wish("b.example.", {.group = "signed"}));
  EXPECT_THAT(listed(), ElementsAre("a.example. home", "b.example. signed"));
  ASSERT_TRUE(make(kCatalog, {.group = "away"}));
  EXPECT_THAT(listed(), ElementsAre("a.example. away", "b.example. signed"));
  ASSERT_TRUE(wish("b.example.", {.group = ""}));
  EXPECT_THAT(listed(), ElementsAre("a.example. away", "b.example. away"));
  EXPECT_FALSE(wish("b.example.", {.group = ""})->changed);
  EXPECT_TRUE(log_->table().settings(SettingKind::kMember).empty());
}

TEST_F(CatalogPlansTest, AZoneIsLeftOutAndComesBack) {
  ASSERT_TRUE(make());
  ASSERT_TRUE(create("a.example."));
  ASSERT_TRUE(wish("a.example.", {.place = MemberWish::Place::kNowhere}));
  EXPECT_THAT(listed(), IsEmpty());
  ASSERT_TRUE(remove("a.example."));
  ASSERT_TRUE(create("a.example."));
  EXPECT_THAT(listed(), IsEmpty()) << "what was left out stays so";
  ASSERT_TRUE(wish("a.example.", {.place = MemberWish::Place::kUsual}));
  EXPECT_THAT(listed(), ElementsAre("a.example."));
}

TEST_F(CatalogPlansTest, ACatalogOfNamedZonesHasThoseAlone) {
  ASSERT_TRUE(make());
  ASSERT_TRUE(make(kOther, {.members = MadeCatalog::Members::kNamed}));
  ASSERT_TRUE(create("a.example."));
  ASSERT_TRUE(create("b.example."));
  ASSERT_TRUE(wish("b.example.", {.place = MemberWish::Place::kCatalog, .catalog = name(kOther)}));
  EXPECT_THAT(listed(), ElementsAre("a.example."));
  EXPECT_THAT(listed(kOther), ElementsAre("b.example."));
}

TEST_F(CatalogPlansTest, AZoneMovesInThreeSteps) {
  ASSERT_TRUE(make());
  ASSERT_TRUE(make(kOther, {.members = MadeCatalog::Members::kNamed}));
  ASSERT_TRUE(create("a.example."));
  const auto first = move("a.example.", kOther);
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_THAT(first->warnings, ElementsAre(HasSubstr("step 1 of 3")));
  EXPECT_THAT(listed(), ElementsAre("a.example. to other.invalid."));
  EXPECT_THAT(listed(kOther), IsEmpty());
  EXPECT_EQ(move("a.example.", "c.invalid.").error().code, Errc::kNotFound);
  EXPECT_THAT(move("a.example.", kOther)->warnings, ElementsAre(HasSubstr("step 2 of 3")));
  EXPECT_THAT(listed(), ElementsAre("a.example. to other.invalid."));
  EXPECT_THAT(listed(kOther), ElementsAre("a.example."));
  EXPECT_THAT(move("a.example.", kOther)->warnings, ElementsAre(HasSubstr("step 3 of 3")));
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_THAT(listed(kOther), ElementsAre("a.example."));
  EXPECT_FALSE(move("a.example.", kOther)->changed);
}

TEST_F(CatalogPlansTest, WhatIsInTwoCatalogsDoesNotMove) {
  ASSERT_TRUE(make());
  ASSERT_TRUE(make(kOther));
  ASSERT_TRUE(create("a.example."));
  EXPECT_EQ(move("a.example.", kOther).error().code, Errc::kConflict);
}

TEST_F(CatalogPlansTest, ItIsNotChangedOtherwise) {
  ASSERT_TRUE(make());
  const Serial before = catalog_serial();
  const auto edited = change(*writer_, set_address(kCatalog, "a", "192.0.2.1"));
  ASSERT_FALSE(edited);
  EXPECT_EQ(edited.error().code, Errc::kRefused);
  EXPECT_THAT(edited.error().detail, HasSubstr("tandemctl catalog"));
  EXPECT_EQ(remove(kCatalog).error().code, Errc::kRefused);
  EXPECT_EQ(change(*writer_, plan_import(name(kCatalog), zone("", kCatalog), IfMissing::kRefuse))
                .error()
                .code,
            Errc::kRefused);
  EXPECT_EQ(catalog_serial(), before);
}

TEST_F(CatalogPlansTest, ItEndsWithItsZone) {
  ASSERT_TRUE(make());
  const Serial before = catalog_serial();
  ASSERT_TRUE(change(*writer_, plan_catalog_removal(name(kCatalog)))->changed);
  EXPECT_EQ(log_->table().find(name(kCatalog)), nullptr);
  EXPECT_EQ(change(*writer_, plan_catalog_removal(name(kCatalog))).error().code, Errc::kNotFound);
  ASSERT_TRUE(create("a.example."));
  ASSERT_TRUE(make());
  EXPECT_THAT(listed(), ElementsAre("a.example."));
  EXPECT_TRUE(is_newer(catalog_serial(), before)) << "for who had the old one";
}

TEST_F(CatalogPlansTest, MadeAgainItIsNewerAlsoWhenItRanAheadOfTheClock) {
  ASSERT_TRUE(make());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(create(fmt::format("z{}.example.", i)));
  }
  const Serial before = catalog_serial();
  ASSERT_TRUE(change(*writer_, plan_catalog_removal(name(kCatalog)))->changed);
  ASSERT_TRUE(make());
  EXPECT_TRUE(is_newer(catalog_serial(), before));
}

TEST_F(CatalogPlansTest, SaysWhatIsWrong) {
  ASSERT_TRUE(create("a.example."));
  EXPECT_EQ(make("a.example.").error().code, Errc::kExists);
  const std::string label(63, 'x');
  const std::string long_name = fmt::format("{0}.{0}.{0}.{1}.", label, std::string(20, 'x'));
  EXPECT_EQ(make(long_name).error().code, Errc::kInvalid);
  EXPECT_EQ(wish("nothing.", {.group = "x"}).error().code, Errc::kNotFound);
  EXPECT_EQ(wish("a.example.", {.group = "x y"}).error().code, Errc::kInvalid);
  EXPECT_EQ(wish("a.example.", {.place = MemberWish::Place::kCatalog, .catalog = name(kOther)})
                .error()
                .code,
            Errc::kNotFound);
  ASSERT_TRUE(make());
  EXPECT_EQ(wish(kCatalog, {.group = "x"}).error().code, Errc::kInvalid);
}

TEST_F(CatalogPlansTest, ARestartKnowsItAsACatalog) {
  ASSERT_TRUE(make());
  EXPECT_TRUE(log_->table().find(name(kCatalog))->is_catalog);
  writer_.reset();
  log_.restart();
  EXPECT_TRUE(log_->table().find(name(kCatalog))->is_catalog);
  const NameKey key(name(kCatalog));
  EXPECT_TRUE(log_.publisher().cell().shared()->find(key, key.label_count())->is_for_peers);
}

/// One entry has the catalog's change too, however many members there are.
TEST_F(CatalogPlansTest, OneOfManyMembersIsASmallChange) {
  const auto release = hold_writer();
  std::vector<std::future<Result<Receipt>>> made;
  for (int i = 0; i < 2000; ++i) {
    const std::string origin = fmt::format("z{}.example.", i);
    made.push_back(submit(plan_create(name(origin), {}, zone("", origin))));
  }
  release->set_value();
  for (auto& each : made) {
    ASSERT_TRUE(each.get());
  }
  ASSERT_TRUE(make());
  EXPECT_THAT(listed(), SizeIs(2000));
  ASSERT_TRUE(remove("z7.example."));
  std::size_t octets = 0;
  const Entry last = entry(log_.head());
  for (const Change& each : last.changes) {
    const auto* const records = std::get_if<RecordChange>(&each.kind);
    octets += records != nullptr ? records->authored.octets() + records->derived.octets() : 0;
  }
  EXPECT_GT(octets, 0U);
  EXPECT_LT(octets, 1000U);
  EXPECT_THAT(listed(), SizeIs(1999));
}

}  // namespace
}  // namespace tandem::test
