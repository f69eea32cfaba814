// Catalog zones by the sections of RFC 9432: what a producer writes, what a consumer reads, what
// changes and who may have a zone.
#include "common/transfer/catalog_zone.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/dns/rdata.h"
#include "common/zone/diff.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::lines_of;
using test::name;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kCatalog = "catalog.invalid.";
constexpr std::string_view kTop =
    "@ 0 SOA invalid. invalid. 1625079950 3600 600 2147483646 0\n@ 0 NS invalid.\n";
constexpr std::string_view kVersion = "version 0 TXT \"2\"\n";

/// A zone of these lines, with nothing but its top beside them.
ZonePtr bare_zone(std::string_view lines, std::string_view origin = kCatalog) {
  return test::build(fmt::format("{}{}", kTop, lines), origin).zone;
}

/// What a good catalog lists.
CatalogContent content(std::string_view lines, std::string_view origin = kCatalog) {
  auto read =
      read_catalog(*bare_zone(fmt::format("{}{}", kVersion, lines), origin), kMaxCatalogMembers);
  EXPECT_TRUE(read.has_value()) << read.error().detail;
  return read ? *std::move(read) : CatalogContent{};
}

/// Why there is no catalog in this zone. Empty: there is one.
std::string why_broken(const ZonePtr& zone) {
  const auto read = read_catalog(*zone, kMaxCatalogMembers);
  EXPECT_TRUE(read || read.error().code == Errc::kInvalid);
  return read ? "" : read.error().detail;
}

std::string why_broken(std::string_view lines) {
  return why_broken(bare_zone(fmt::format("{}{}", kVersion, lines)));
}

std::string shown(const CatalogMember& member) {
  std::string out = member.label + " " + member.zone.to_text();
  for (const Octets& group : member.groups) {
    out += " group " + rdata_to_text(RrType::kTxt, group);
  }
  return member.coo ? out + " coo " + member.coo->to_text() : out;
}

std::vector<std::string> shown(const CatalogContent& content) {
  std::vector<std::string> lines;
  std::ranges::transform(content.members, std::back_inserter(lines),
                         [](const CatalogMember& member) { return shown(member); });
  return lines;
}

ZoneId id(std::uint8_t last) {
  ZoneId out;
  out.octets.back() = last;
  return out;
}

/// The member node of id(last).
std::string node(std::string_view last) {
  return fmt::format("{}{}.zones.catalog.invalid.", std::string(30, '0'), last);
}

ZonePtr made(const std::vector<ListedZone>& zones) {
  auto zone = make_catalog(name(kCatalog), zones, 1);
  EXPECT_TRUE(zone.has_value()) << zone.error().detail;
  return zone ? *zone : nullptr;
}

ZonePtr applied(const ZonePtr& to, const Changeset& change) {
  auto next = to->apply(std::span(&change, 1), ZoneLimits{});
  EXPECT_TRUE(next.has_value()) << next.error().detail;
  return next ? *next : to;
}

/// `catalog` with these zones listed and those not any more.
ZonePtr changed(const ZonePtr& catalog, const std::vector<ListedZone>& listed,
                const std::vector<ZoneId>& unlisted = {}) {
  const auto change = catalog_change(*catalog, listed, unlisted);
  EXPECT_TRUE(change.has_value()) << change.error().detail;
  return change ? applied(catalog, *change) : catalog;
}

// --- the consumer

TEST(ReadCatalog, ReadsTheExampleOfAppendixA) {
  EXPECT_THAT(shown(content("example.vendor.ext 0 CNAME example.net.\n"
                            "nj2xg5b.zones 0 PTR example.com.\n"
                            "nvxxezj.zones 0 PTR example.net.\n"
                            "group.nvxxezj.zones 0 TXT \"operator-x-foo\"\n"
                            "nfwxa33.zones 0 PTR example.org.\n"
                            "coo.nfwxa33.zones 0 PTR newcatz.invalid.\n"
                            "group.nfwxa33.zones 0 TXT \"operator-y-bar\"\n"
                            "metrics.vendor.ext.nfwxa33.zones 0 CNAME collector.example.net.\n")),
              ElementsAre("nj2xg5b example.com.", "nvxxezj example.net. group \"operator-x-foo\"",
                          "nfwxa33 example.org. group \"operator-y-bar\" coo newcatz.invalid."));
}

TEST(ReadCatalog, TakesACatalogWithoutMembers) {
  EXPECT_THAT(shown(content("")), IsEmpty());
}

TEST(ReadCatalog, WantsExactlyOneVersionThatIs2) {  // s4.2.1
  EXPECT_THAT(why_broken(bare_zone("a.zones 0 PTR example.com.\n")),
              HasSubstr("no version.catalog.invalid. TXT \"2\""));
  EXPECT_THAT(why_broken(bare_zone("version 0 A 192.0.2.2\n")), HasSubstr("TXT \"2\""));
  EXPECT_THAT(why_broken(bare_zone("version 0 TXT \"2\"\nversion 0 TXT \"1\"\n")),
              HasSubstr("has 2 TXT records"));
  EXPECT_THAT(why_broken(bare_zone("version 0 TXT \"1\"\n")), HasSubstr("says \"1\""));
  EXPECT_THAT(why_broken(bare_zone("version 0 TXT \"2\" \"\"\n")), HasSubstr("only \"2\""));
  EXPECT_THAT(why_broken(bare_zone("version 0 TXT \"02\"\n")), HasSubstr("says \"02\""));
  EXPECT_EQ(why_broken(bare_zone("VERSION 0 TXT 2\n")), "");
}

TEST(ReadCatalog, SaysWhichCatalogIsBroken) {
  EXPECT_THAT(why_broken(bare_zone("")), HasSubstr("catalog.invalid. is a broken catalog: "));
}

TEST(ReadCatalog, SaysWhenItsNameLeavesNoRoom) {
  const std::string label(63, 'a');
  const std::string longest =
      fmt::format("{}.{}.{}.{}.", label, label, label, std::string(61, 'b'));
  EXPECT_THAT(why_broken(bare_zone("", longest)), HasSubstr("too long"));
}

TEST(ReadCatalog, RefusesTwoZonesInOneMemberNode) {  // s4.1
  EXPECT_THAT(why_broken("a.zones 0 PTR example.com.\na.zones 0 PTR example.net.\n"),
              HasSubstr("a.zones.catalog.invalid. has 2 PTR records"));
}

TEST(ReadCatalog, RefusesTheSameZoneTwiceWhateverTheLetters) {  // s4.1
  EXPECT_THAT(why_broken("a.zones 0 PTR example.com.\nb.zones 0 PTR Example.COM.\n"),
              HasSubstr("xample.com. is listed twice"));
}

TEST(ReadCatalog, RefusesTwoNewOwnersOfOneZone) {  // s4.3.1
  EXPECT_THAT(why_broken("a.zones 0 PTR example.com.\ncoo.a.zones 0 PTR new.invalid.\n"
                         "coo.a.zones 0 PTR other.invalid.\n"),
              HasSubstr("coo.a.zones.catalog.invalid. has 2 PTR records"));
}

TEST(ReadCatalog, RefusesMoreMembersThanItMayHave) {
  const auto zone = bare_zone(
      fmt::format("{}a.zones 0 PTR example.com.\nb.zones 0 PTR example.net.\n", kVersion));
  EXPECT_TRUE(read_catalog(*zone, 2).has_value());
  const auto read = read_catalog(*zone, 1);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, Errc::kTooLarge);
}

TEST(ReadCatalog, IgnoresWhatHasNoMeaning) {                  // s3, s4.3, s4.4
  EXPECT_THAT(shown(content("zones 0 PTR example.net.\n"      // no member node
                            "a.b.zones 0 PTR example.net.\n"  // below one that is none
                            "group.c.zones 0 TXT \"x\"\n"     // the same
                            "coo.c.zones 0 PTR x.\ncoo.c.zones 0 PTR y.\n"
                            "d.zones 0 TXT example.net.\n"  // another type
                            "a.other 0 PTR example.net.\n"
                            "m.zones 0 PTR example.com.\nm.zones 0 TXT \"x\"\n"
                            "coo.m.zones 0 TXT \"new.invalid.\"\n"  // another type
                            "group.m.zones 0 PTR x.\n"
                            "color.m.zones 0 TXT \"blue\"\n"   // unknown
                            "group.ext.m.zones 0 TXT \"x\"\n"  // custom
                            "coo.ext.m.zones 0 PTR x.\ncoo.ext.m.zones 0 PTR y.\n"
                            "x.group.m.zones 0 TXT \"x\"\n"
                            "group.n.zones 0 TXT \"x\"\n"  // below no member, behind one
                            "coo.n.zones 0 PTR x.\n")),
              ElementsAre("m example.com."));
}

TEST(ReadCatalog, ReadsMembersThatADelegationWouldHide) {
  EXPECT_THAT(shown(content("zones 0 NS invalid.\na.zones 0 PTR example.com.\n"
                            "a.zones 0 NS invalid.\ngroup.a.zones 0 TXT x\n")),
              ElementsAre("a example.com. group \"x\""));
}

TEST(ReadCatalog, TakesLabelsOfAnyOctetsWithoutTheirCase) {
  const std::string label(63, 'L');
  EXPECT_THAT(
      shown(content(fmt::format("{0}.ZONES 0 PTR example.com.\n"
                                "GROUP.{0}.zones 0 TXT \"X\"\n"
                                "\\005zones.zones 0 PTR example.net.\n"
                                "x\\005zones 0 PTR example.org.\n",
                                label))),
      ElementsAre(std::string(63, 'l') + " example.com. group \"X\"", "\005zones example.net."));
}

TEST(ReadCatalog, ReadsSeveralGroupsAsTheExampleHasThem) {  // s4.3.2.1
  const CatalogContent read = content(
      "unique-1.zones 0 PTR example.com.\ngroup.unique-1.zones 0 TXT \"foo\"\n"
      "unique-2.zones 0 PTR example.net.\n"
      "group.unique-2.zones 0 TXT \"operator-x-foo\"\n"
      "group.unique-2.zones 0 TXT \"operator-y\" \"bar\"\n");
  EXPECT_THAT(shown(read), ElementsAre("unique-1 example.com. group \"foo\"",
                                       "unique-2 example.net. group \"operator-y\" \"bar\" "
                                       "group \"operator-x-foo\""));
  const CatalogMember* const member = read.find(name("Example.NET."));
  ASSERT_NE(member, nullptr);
  EXPECT_TRUE(is_in_group(*member, "operator-x-foo"));
  EXPECT_FALSE(is_in_group(*member, "operator-X-foo")) << "the case counts";
  EXPECT_FALSE(is_in_group(*member, "operator-x")) << "all of it counts";
  EXPECT_FALSE(is_in_group(*member, "operator-ybar")) << "the value is the whole rdata";
  EXPECT_FALSE(is_in_group(*member, ""));
}

TEST(CatalogContent, FindsWhatIsListed) {
  const CatalogContent read =
      content("a.zones 0 PTR b.\nb.zones 0 PTR a.b.\nc.zones 0 PTR .\nd.zones 0 PTR c.\n");
  for (const std::string_view zone : {".", "b.", "a.b.", "c."}) {
    ASSERT_NE(read.find(name(zone)), nullptr) << zone;
    EXPECT_EQ(read.find(name(zone))->zone.view(), name(zone).view());
  }
  EXPECT_EQ(read.find(name("a.")), nullptr);
  EXPECT_EQ(read.find(name("d.")), nullptr);
}

class AdmissionTest : public ::testing::Test {
 protected:
  /// Of the zone in the new catalog, under `label`, when the old one has these lines for it.
  static Admission moved(std::string_view old_lines, std::string_view label = "a") {
    const CatalogContent old = content(old_lines, "old.invalid.");
    const Name old_name = name("old.invalid.");
    const CatalogContent incoming =
        content(fmt::format("{}.zones 0 PTR example.com.\n", label), "new.invalid.");
    return admission_of(
        incoming.members.front(), name("New.invalid."),
        ZoneHolderView{.catalog = old_name.view(), .member = old.find(name("example.com."))});
  }
};

TEST_F(AdmissionTest, AddsWhatNobodyHas) {
  const CatalogContent incoming = content("a.zones 0 PTR example.com.\n");
  EXPECT_EQ(admission_of(incoming.members.front(), name(kCatalog), std::nullopt), Admission::kAdd);
}

TEST_F(AdmissionTest, KeepsWhatCameFromTheSameCatalog) {
  const CatalogContent incoming = content("a.zones 0 PTR example.com.\n");
  const Name same = name("Catalog.Invalid.");
  EXPECT_EQ(admission_of(incoming.members.front(), name(kCatalog),
                         ZoneHolderView{.catalog = same.view(), .member = nullptr}),
            Admission::kKeep);
}

TEST_F(AdmissionTest, LeavesAZoneThatIsConfiguredOtherwise) {  // s5.2
  const CatalogContent incoming = content("a.zones 0 PTR example.com.\n");
  EXPECT_EQ(admission_of(incoming.members.front(), name(kCatalog), ZoneHolderView{}),
            Admission::kClash);
}

TEST_F(AdmissionTest, LeavesAZoneToTheFirstCatalogUnlessThatGivesItAway) {  // s5.2, s4.3.1
  EXPECT_EQ(moved("a.zones 0 PTR example.com.\n"), Admission::kClash);
  EXPECT_EQ(moved("a.zones 0 PTR example.com.\ncoo.a.zones 0 PTR other.invalid.\n"),
            Admission::kClash);
  EXPECT_EQ(moved("a.zones 0 PTR example.net.\ncoo.a.zones 0 PTR new.invalid.\n"),
            Admission::kClash)
      << "the old catalog does not list it, or cannot be asked";
  EXPECT_EQ(moved("a.zones 0 PTR example.com.\ncoo.a.zones 0 PTR new.invalid.\n"),
            Admission::kMove);
}

TEST_F(AdmissionTest, MovesTheStateOnlyUnderTheSameLabel) {  // s4.3.1
  constexpr std::string_view kGiven =
      "a.zones 0 PTR example.com.\ncoo.a.zones 0 PTR NEW.invalid.\n";
  EXPECT_EQ(moved(kGiven, "A"), Admission::kMove);
  EXPECT_EQ(moved(kGiven, "b"), Admission::kMoveAndReset);
}

// --- the producer

TEST(MakeCatalog, WritesWhatTheRfcRecommends) {
  const auto zone =
      make_catalog(name(kCatalog),
                   std::vector<ListedZone>{{.incarnation = id(0x1f), .zone = name("Example.com.")},
                                           {.incarnation = id(2),
                                            .zone = name("example.net."),
                                            .group = "x y",
                                            .coo = name("new.invalid.")}},
                   7);
  ASSERT_TRUE(zone.has_value());
  EXPECT_THAT(
      lines_of(**zone),
      ElementsAre(
          "catalog.invalid. 0 IN SOA invalid. invalid. 7 3600 600 2147483646 0",
          "catalog.invalid. 0 IN NS invalid.", "version.catalog.invalid. 0 IN TXT \"2\"",
          node("02") + " 0 IN PTR example.net.", "coo." + node("02") + " 0 IN PTR new.invalid.",
          "group." + node("02") + " 0 IN TXT \"x y\"", node("1f") + " 0 IN PTR Example.com."));
}

TEST(MakeCatalog, TakesMembersOfAnyLengthAndCatalogsThatLeaveRoom) {
  const std::string label(63, 'a');
  const std::string three = fmt::format("{}.{}.{}.", label, label, label);
  const Name longest = name(fmt::format("{}.{}", std::string(61, 'b'), three));
  ASSERT_EQ(longest.size(), kMaxNameOctets);
  const Name longest_catalog = name(fmt::format("{}.{}", std::string(16, 'c'), three));
  ASSERT_EQ(longest_catalog.size(), 210U);
  const std::vector<ListedZone> zones{{.incarnation = id(1), .zone = longest, .group = "g"}};
  const auto zone = make_catalog(longest_catalog, zones, 1);
  ASSERT_TRUE(zone.has_value()) << zone.error().detail;
  const auto read = read_catalog(**zone, kMaxCatalogMembers);
  ASSERT_TRUE(read.has_value());
  EXPECT_NE(read->find(longest), nullptr);

  const Name longer = name(fmt::format("{}.{}", std::string(17, 'c'), three));
  const auto refused = make_catalog(longer, zones, 1);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::kInvalid);
  const auto no_change = catalog_change(*bare_zone(kVersion, longer.to_text()), zones, {});
  ASSERT_FALSE(no_change.has_value());
  EXPECT_EQ(no_change.error().code, Errc::kInvalid);
}

TEST(MakeCatalog, RefusesAGroupThatIsNoCharacterString) {
  std::vector<ListedZone> zones{
      {.incarnation = id(1), .zone = name("a."), .group = std::string(255, 'g')}};
  const auto read = read_catalog(*made(zones), kMaxCatalogMembers);
  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(is_in_group(read->members.front(), zones.front().group));
  zones.front().group += 'g';
  EXPECT_FALSE(make_catalog(name(kCatalog), zones, 1).has_value());
  EXPECT_FALSE(catalog_change(*made({}), zones, {}).has_value());
}

TEST(CatalogChange, AddsChangesAndRemovesOneMember) {
  const ListedZone other{.incarnation = id(9), .zone = name("other.")};
  ListedZone zone{.incarnation = id(1), .zone = name("example.com.")};
  ZonePtr catalog = changed(made({other}), {zone});
  EXPECT_EQ(lines_of(*catalog), lines_of(*made({other, zone})));
  zone.group = "signed";
  catalog = changed(catalog, {zone});
  EXPECT_EQ(lines_of(*catalog), lines_of(*made({other, zone})));
  zone.group = "unsigned";
  zone.coo = name("new.invalid.");
  catalog = changed(catalog, {zone});
  EXPECT_EQ(lines_of(*catalog), lines_of(*made({other, zone})));
  zone.coo.reset();
  catalog = changed(catalog, {zone});
  EXPECT_EQ(lines_of(*catalog), lines_of(*made({other, zone})));
  catalog = changed(catalog, {}, {zone.incarnation});
  EXPECT_EQ(lines_of(*catalog), lines_of(*made({other})));
}

TEST(CatalogChange, IsEmptyWhenTheCatalogSaysItAlready) {
  const std::vector<ListedZone> zones{{.incarnation = id(1),
                                       .zone = name("example.com."),
                                       .group = "g",
                                       .coo = name("new.invalid.")}};
  const auto change = catalog_change(*made(zones), zones, std::vector{id(2)});
  ASSERT_TRUE(change.has_value());
  EXPECT_TRUE(change->empty());
}

TEST(CatalogChange, PutsRightWhatSomebodyElseWrote) {
  const ZonePtr catalog =
      bare_zone(fmt::format("{}{} 60 PTR wrong.\n{} 60 PTR example.com.\ngroup.{} 60 TXT x\n",
                            kVersion, node("01"), node("01"), node("01")));
  const ZonePtr right =
      changed(catalog, {{.incarnation = id(1), .zone = name("example.com."), .group = "g"}});
  const auto read = read_catalog(*right, kMaxCatalogMembers);
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  EXPECT_THAT(shown(*read), ElementsAre(std::string(30, '0') + "01 example.com. group \"g\""));
}

TEST(CatalogChange, ResetsAtConsumersAZoneThatWasMadeAgain) {  // s5.4, s5.6
  const ZonePtr before = made({{.incarnation = id(1), .zone = name("a.")}});
  const ZonePtr after = changed(before, {{.incarnation = id(2), .zone = name("a.")}}, {id(1)});
  const auto from = read_catalog(*before, kMaxCatalogMembers);
  const auto to = read_catalog(*after, kMaxCatalogMembers);
  ASSERT_TRUE(from && to);
  ASSERT_TRUE(from->members.size() == 1 && to->members.size() == 1);
  EXPECT_NE(from->members.front().label, to->members.front().label);
}

TEST(CatalogChange, IsAsLargeAsWhatChangesHoweverManyOthersThereAre) {
  std::vector<ListedZone> zones;
  for (std::uint8_t i = 0; i < 200; ++i) {
    zones.push_back({.incarnation = id(i), .zone = name(fmt::format("z{}.", i))});
  }
  const std::vector<ListedZone> one{{.incarnation = id(255), .zone = name("new.")}};
  const auto few = catalog_change(*made({}), one, {});
  const auto many = catalog_change(*made(zones), one, {});
  ASSERT_TRUE(few && many);
  EXPECT_EQ(few->added, many->added);
  EXPECT_TRUE(many->removed.empty());
}

TEST(CatalogChange, GoesWithANewSerialInOneStep) {
  const ZonePtr catalog = made({});
  const auto change = catalog_change(
      *catalog, std::vector<ListedZone>{{.incarnation = id(1), .zone = name("a.")}}, {});
  ASSERT_TRUE(change.has_value());
  const auto next = catalog->apply(std::vector{*change, serial_change(*catalog, 2)}, ZoneLimits{});
  ASSERT_TRUE(next.has_value()) << next.error().detail;
  EXPECT_EQ((*next)->serial(), 2U);
  EXPECT_EQ(read_catalog(**next, kMaxCatalogMembers)->members.size(), 1U);
}

/// Random steps of a producer: what it lists by now, and each step as a change.
class RandomProducer {
 public:
  explicit RandomProducer(std::uint64_t seed) : random_(seed) {}

  /// Lists or changes some zones, takes others away, makes others again.
  ZonePtr step(const ZonePtr& catalog) {
    std::vector<ListedZone> listed;
    std::vector<ZoneId> unlisted;
    for (std::size_t zone = 0; zone < 12; ++zone) {
      const auto now = zones_.find(zone);
      const bool is_listed = now != zones_.end();
      switch (below(4)) {
        case 0:
          listed.push_back(random_zone(zone, is_listed ? now->second.incarnation : next_id()));
          break;
        case 1:
          if (is_listed) {
            unlisted.push_back(now->second.incarnation);
            listed.push_back(random_zone(zone, next_id()));
          }
          break;
        case 2:
          if (is_listed) {
            unlisted.push_back(now->second.incarnation);
            zones_.erase(now);
          }
          break;
        default:
          break;
      }
      if (!listed.empty() && listed.back().zone == zone_name(zone)) {
        zones_.insert_or_assign(zone, listed.back());
      }
    }
    return changed(catalog, listed, unlisted);
  }

  [[nodiscard]] std::vector<ListedZone> zones() const {
    std::vector<ListedZone> all;
    for (const auto& [number, zone] : zones_) {
      all.push_back(zone);
    }
    return all;
  }

 private:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  ZoneId next_id() { return id(++last_id_); }

  static StoredName zone_name(std::size_t zone) {
    return name(fmt::format("Zone{}.example.", zone));
  }

  ListedZone random_zone(std::size_t zone, const ZoneId& incarnation) {
    ListedZone out{.incarnation = incarnation, .zone = zone_name(zone)};
    for (std::size_t i = below(6); i > 0; --i) {
      out.group += static_cast<char>(below(256));
    }
    if (below(3) == 0) {
      out.coo = name(fmt::format("catalog{}.invalid.", below(3)));
    }
    return out;
  }

  std::mt19937_64 random_;
  std::uint8_t last_id_ = 0;
  std::map<std::size_t, ListedZone> zones_;
};

/// What a consumer is to read of what a producer lists.
std::vector<std::string> expected(const std::vector<ListedZone>& zones) {
  CatalogContent out;
  for (const ListedZone& zone : zones) {
    CatalogMember member{zone.zone, zone.incarnation.to_text(), {}, zone.coo};
    if (!zone.group.empty()) {
      member.groups.push_back({static_cast<std::uint8_t>(zone.group.size())});
      append(member.groups.back(), as_octets(zone.group));
    }
    out.members.push_back(std::move(member));
  }
  std::ranges::sort(out.members, {}, &CatalogMember::zone);
  return shown(out);
}

TEST(Catalog, IsReadAsItWasWrittenAfterAnySteps) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    RandomProducer producer(seed);
    ZonePtr catalog = made({});
    for (int step = 0; step < 10; ++step) {
      catalog = producer.step(catalog);
      const auto after = read_catalog(*catalog, kMaxCatalogMembers);
      ASSERT_TRUE(after) << "seed " << seed;
      ASSERT_EQ(shown(*after), expected(producer.zones())) << "seed " << seed;
      ASSERT_EQ(lines_of(*catalog), lines_of(*made(producer.zones()))) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace tandem
