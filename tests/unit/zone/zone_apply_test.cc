#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/log/content_digest.h"
#include "common/zone/diff.h"
#include "common/zone/zone.h"
#include "tests/support/random_zone.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::changeset;
using test::lines_of;
using test::name;
using test::zone;
using ::testing::HasSubstr;

Result<ZonePtr> changed(const ZonePtr& to, const Changeset& change) {
  return to->apply(std::span(&change, 1), ZoneLimits{});
}

std::string error_of(const ZonePtr& to, const Changeset& change) {
  const auto result = changed(to, change);
  return result ? "" : result.error().detail;
}

bool exists(const Zone& in, std::string_view text) {
  const NameKey key(name(text));
  const NodeView node = in.find(key, key.label_count());
  return node && !node.has(kNodeOccluded);
}

TEST(ZoneApply, AddsAndRemovesRecords) {
  const auto before = zone("a 60 A 192.0.2.1\n");
  const auto after = changed(before, changeset("a 60 A 192.0.2.1\n", "b 60 A 192.0.2.2\n"));
  ASSERT_TRUE(after.has_value());
  EXPECT_FALSE((*after)->find_rrset(name("a.example."), RrType::kA).has_value());
  EXPECT_TRUE((*after)->find_rrset(name("b.example."), RrType::kA).has_value());
  EXPECT_TRUE(before->find_rrset(name("a.example."), RrType::kA).has_value())
      << "the version before is untouched";
}

TEST(ZoneApply, RefusesToRemoveWhatIsNotThereExactly) {
  const auto before = zone("a 60 A 192.0.2.1\n");
  EXPECT_THAT(error_of(before, changeset("a 61 A 192.0.2.1\n", "")),
              HasSubstr("not there with that TTL"));
  EXPECT_THAT(error_of(before, changeset("a 60 A 192.0.2.2\n", "")), HasSubstr("not there"));
  EXPECT_THAT(error_of(before, changeset("b 60 A 192.0.2.1\n", "")), HasSubstr("not there"));
}

TEST(ZoneApply, RefusesToAddWhatIsThere) {
  EXPECT_THAT(error_of(zone("a 60 A 192.0.2.1\n"), changeset("", "a 60 A 192.0.2.1\n")),
              HasSubstr("is there already"));
}

TEST(ZoneApply, RefusesTwoTtlsInOneRrset) {
  EXPECT_THAT(error_of(zone("a 60 A 192.0.2.1\n"), changeset("", "a 61 A 192.0.2.2\n")),
              HasSubstr("differs from the others'"));
}

TEST(ZoneApply, KeepsTheApexWhole) {
  const auto before = zone("");
  EXPECT_THAT(error_of(before, changeset("@ 3600 SOA ns1 hostmaster 1 900 300 604800 600\n", "")),
              HasSubstr("no SOA"));
  EXPECT_THAT(error_of(before, changeset("@ 3600 NS ns1\n", "")), HasSubstr("no NS"));
}

TEST(ZoneApply, RefusesADnameAboveExistingNames) {
  EXPECT_THAT(error_of(zone("x.d A 192.0.2.1\n"), changeset("", "d DNAME other.\n")),
              HasSubstr("cannot get a DNAME"));
  EXPECT_THAT(error_of(zone("d DNAME other.\n"), changeset("", "x.d A 192.0.2.1\n")),
              HasSubstr("below a DNAME"));
}

TEST(ZoneApply, KeepsEmptyNonTerminalsTrue) {
  const auto start = zone("a.b.c A 192.0.2.1\n");
  EXPECT_TRUE(exists(*start, "b.c.example."));
  const auto gone = changed(start, changeset("a.b.c A 192.0.2.1\n", ""));
  ASSERT_TRUE(gone.has_value());
  EXPECT_FALSE(exists(**gone, "b.c.example."));
  EXPECT_FALSE(exists(**gone, "c.example."));
  const auto filled = changed(start, changeset("", "b.c A 192.0.2.2\n"));
  ASSERT_TRUE(filled.has_value());
  const auto emptied = changed(*filled, changeset("b.c A 192.0.2.2\n", ""));
  ASSERT_TRUE(emptied.has_value());
  EXPECT_TRUE(exists(**emptied, "b.c.example.")) << "a.b.c still needs it";
}

TEST(ZoneApply, HidesAndShowsWhatIsBelowACut) {
  const auto start = zone("a.sub A 192.0.2.1\nb.a.sub A 192.0.2.2\n");
  const auto cut = changed(start, changeset("", "sub NS a.sub\n"));
  ASSERT_TRUE(cut.has_value());
  EXPECT_FALSE(exists(**cut, "a.sub.example."));
  const auto open = changed(*cut, changeset("sub NS a.sub\n", ""));
  ASSERT_TRUE(open.has_value());
  EXPECT_TRUE(exists(**open, "a.sub.example."));
  EXPECT_TRUE(exists(**open, "b.a.sub.example."));
  EXPECT_EQ(lines_of(**open), lines_of(*start));
}

TEST(ZoneApply, TwoChangesetsAreOneStep) {
  const auto before = zone("");
  const std::vector<Changeset> changes = {changeset("", "a CNAME b\n"),
                                          changeset("a CNAME b\n", "a A 192.0.2.1\n")};
  const auto after = before->apply(changes, ZoneLimits{});
  ASSERT_TRUE(after.has_value());
  EXPECT_TRUE((*after)->find_rrset(name("a.example."), RrType::kA).has_value());
}

TEST(ZoneApply, CompactionChangesNothingAndFreesGarbage) {
  ZonePtr at = zone("a TXT \"0\"\n");
  for (int i = 0; i < 500; ++i) {
    at = *changed(
        at, changeset(fmt::format("a TXT \"{}\"\n", i), fmt::format("a TXT \"{}\"\n", i + 1)));
  }
  const ZonePtr small = compacted(*at, ZoneLimits{});
  EXPECT_EQ(lines_of(*small), lines_of(*at));
  EXPECT_GT(at->memory().garbage_octets, at->memory().arena_octets / 2);
  EXPECT_EQ(small->memory().garbage_octets, 0U);
}

/// What two versions must agree in, beside their records.
void expect_same(const Zone& a, const Zone& b) {
  EXPECT_EQ(lines_of(a), lines_of(b));
  EXPECT_EQ(a.record_count(), b.record_count());
  EXPECT_EQ(a.name_count(), b.name_count());
  EXPECT_EQ(a.has_wildcards(), b.has_wildcards());
  EXPECT_EQ(a.has_redirections(), b.has_redirections());
  EXPECT_EQ(a.serial(), b.serial());
  EXPECT_EQ(content_digest_of(a).value(), content_digest_of(b).value());
}

/// One version of a random zone is made into another by their difference; the result must be what
/// the builder makes.
TEST(ZoneApply, ADifferenceLeadsToTheZoneThatTheBuilderMakes) {
  const Name origin = name("example.");
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    test::RandomZones random(seed);
    auto first = random.records(origin, 40);
    auto second = random.records(origin, 40);
    const ZonePtr from = test::build_what_fits(first, origin);
    const ZonePtr to = test::build_what_fits(second, origin);
    const Changeset change = diff_zones(from.get(), *to);
    const auto made = changed(from, change);
    ASSERT_TRUE(made.has_value()) << "seed " << seed << ": " << made.error().detail;
    expect_same(**made, *to);
    ContentDigest digest = content_digest_of(*from);
    digest.apply(change);
    EXPECT_EQ(digest.value(), content_digest_of(*to).value()) << "seed " << seed;
    auto back = change;
    const auto undone = changed(*made, std::move(back).inverted());
    ASSERT_TRUE(undone.has_value()) << "seed " << seed << ": " << undone.error().detail;
    expect_same(**undone, *from);
    if (HasFailure()) {
      FAIL() << "seed " << seed;
    }
  }
}

TEST(ZoneDiff, OfEqualZonesIsEmpty) {
  const auto a = zone("a A 192.0.2.1\nb TXT \"x\"\n");
  EXPECT_TRUE(diff_zones(a.get(), *zone("b TXT \"x\"\na A 192.0.2.1\n")).empty());
}

TEST(ZoneDiff, SerialChangeTouchesTheSoaAlone) {
  const auto before = zone("");
  const auto after = changed(before, serial_change(*before, 77));
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ((*after)->serial(), 77U);
  EXPECT_EQ((*after)->record_count(), before->record_count());
}

}  // namespace
}  // namespace tandem
