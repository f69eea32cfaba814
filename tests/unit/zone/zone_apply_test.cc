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
using ::testing::Contains;
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

TEST(ZoneApply, ANameThatComesAgainHasTheLettersOfItsRecords) {
  const auto before = zone("a 60 A 192.0.2.1\na 60 NS ns.A\nns.a 60 A 192.0.2.2\n");
  const auto again = changed(
      before, changeset("a 60 A 192.0.2.1\na 60 NS ns.A\n", "A 60 A 192.0.2.1\nA 60 NS Ns.a\n"));
  ASSERT_TRUE(again.has_value()) << again.error().detail;
  EXPECT_THAT(lines_of(**again), Contains("A.example. 60 IN NS Ns.a.example."));
  EXPECT_THAT(lines_of(**again), Contains("A.example. 60 IN A 192.0.2.1"));
  const auto partly = changed(before, changeset("a 60 A 192.0.2.1\n", "A 60 A 192.0.2.9\n"));
  ASSERT_TRUE(partly.has_value());
  EXPECT_THAT(lines_of(**partly), Contains("a.example. 60 IN A 192.0.2.9"))
      << "one name has the letters of its oldest records";
}

TEST(ZoneApply, LettersFollowTheStepsInTheirOrder) {
  const auto before = zone("");
  const std::vector<Changeset> steps = {
      changeset("", "a 60 A 192.0.2.1\n"), changeset("a 60 A 192.0.2.1\n", "A 60 A 192.0.2.2\n"),
      changeset("A 60 A 192.0.2.2\n", "a 60 TXT x\n"), changeset("", "b.AA 60 A 192.0.2.1\n"),
      changeset("", "AA 60 MX 1 b.AA\n")};
  const auto after = before->apply(steps, ZoneLimits{});
  ASSERT_TRUE(after.has_value()) << after.error().detail;
  EXPECT_THAT(lines_of(**after), Contains("a.example. 60 IN TXT \"x\""));
  EXPECT_THAT(lines_of(**after), Contains("AA.example. 60 IN MX 1 b.AA.example."));
}

TEST(ZoneApply, TakesMoreStepsThanSixteenBitsCount) {
  const Changeset comes = changeset("", "a 60 A 192.0.2.1\n");
  const Changeset goes = changeset("a 60 A 192.0.2.1\n", "");
  std::vector<Changeset> steps{comes};
  for (int i = 0; i < 20'000; ++i) {
    steps.push_back(goes);
    steps.push_back(comes);
  }
  const auto after = zone("")->apply(steps, ZoneLimits{});
  ASSERT_TRUE(after.has_value()) << after.error().detail;
  EXPECT_THAT(lines_of(**after), Contains("a.example. 60 IN A 192.0.2.1"));
}

TEST(ZoneApply, AnRrsetDoesNotGrowBeyondItsLimitOnTheWay) {
  std::string many;
  for (int i = 0; i < 101; ++i) {
    many += fmt::format("a 60 A 10.0.0.{}\n", i);
  }
  const std::vector<Changeset> steps = {changeset("", many), changeset(many, "")};
  const auto after = zone("")->apply(steps, ZoneLimits{});
  ASSERT_FALSE(after.has_value());
  EXPECT_EQ(after.error().code, Errc::kTooLarge);
  EXPECT_THAT(after.error().detail, HasSubstr("more than 100 A records"));
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

constexpr std::string_view kHash = "2t7b4g4vsa5smi47k61mv5bv1a22bojr";

TEST(ZoneApply, ChangesAnNsec3OwnerBelowACut) {
  const std::string nsec3 = fmt::format("{}.sub NSEC3 1 0 1 AB {} A\n", kHash, kHash);
  const auto start = zone("sub NS ns.sub\nns.sub A 192.0.2.1\n" + nsec3);
  const auto gone = changed(start, changeset(nsec3, ""));
  ASSERT_TRUE(gone.has_value());
  EXPECT_EQ((*gone)->name_count(), start->name_count() - 1);
  const auto back = changed(*gone, changeset("", nsec3));
  ASSERT_TRUE(back.has_value());
  const auto open = changed(*back, changeset("sub NS ns.sub\n", ""));
  ASSERT_TRUE(open.has_value());
  const auto cut = changed(*open, changeset("", "sub NS ns.sub\n"));
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(lines_of(**cut), lines_of(*start));
  EXPECT_TRUE(changed(*cut, changeset(nsec3, "")).has_value());
}

TEST(ZoneApply, AnNsec3OwnerMakesNoEmptyNonTerminal) {
  const std::string nsec3 = fmt::format("{}.sub.b NSEC3 1 0 1 AB {} A\n", kHash, kHash);
  const auto start = zone("sub.b NS ns.elsewhere.\n" + nsec3);
  const auto open = changed(start, changeset("sub.b NS ns.elsewhere.\n", ""));
  ASSERT_TRUE(open.has_value());
  EXPECT_FALSE(exists(**open, "sub.b.example."));
  EXPECT_FALSE(exists(**open, "b.example."));
}

TEST(ZoneApply, ChangesAnNsec3OwnerThatIsAnEmptyNonTerminalToo) {
  const std::string nsec3 = fmt::format("b NSEC3 1 0 1 AB {} A\n", kHash);
  const auto start = zone("a.b A 192.0.2.1\n" + nsec3);
  EXPECT_TRUE(start->find_rrset(name("b.example."), RrType::kNsec3).has_value());
  const auto gone = changed(start, changeset(nsec3, ""));
  ASSERT_TRUE(gone.has_value());
  EXPECT_TRUE(exists(**gone, "b.example."));
}

TEST(ZoneApply, LeavesNoEmptyNonTerminalBetweenTwoCuts) {
  const auto start = zone("c.a.sub NS ns.c.a.sub\nns.c.a.sub A 192.0.2.1\n");
  const auto cut = changed(start, changeset("", "sub NS ns.elsewhere.\n"));
  ASSERT_TRUE(cut.has_value());
  const auto inner_gone =
      changed(*cut, changeset("c.a.sub NS ns.c.a.sub\nns.c.a.sub A 192.0.2.1\n", ""));
  ASSERT_TRUE(inner_gone.has_value());
  const auto open = changed(*inner_gone, changeset("sub NS ns.elsewhere.\n", ""));
  ASSERT_TRUE(open.has_value());
  EXPECT_FALSE(exists(**open, "a.sub.example."));
}

TEST(ZoneApply, ChangesNsec3OwnersInAZoneWithADnameAtItsTop) {
  const std::string nsec3 = fmt::format("{} NSEC3 1 0 1 AB {} A\n", kHash, kHash);
  const auto start = zone("", "example.");
  const auto with_dname =
      changed(start, changeset("@ 3600 NS ns1\nns1 3600 A 192.0.2.1\n",
                               "@ 3600 NS ns.elsewhere.\n@ 3600 DNAME other.\n" + nsec3));
  ASSERT_TRUE(with_dname.has_value()) << with_dname.error().detail;
  EXPECT_TRUE(changed(*with_dname, changeset(nsec3, "")).has_value());
}

TEST(ZoneApply, ChangesTheTopOfTheRootZone) {
  const auto root = zone("", ".");
  const auto after = changed(root, serial_change(*root, 77));
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ((*after)->serial(), 77U);
}

TEST(ZoneApply, ChoosesTheNsec3ChainAnew) {
  const std::string other = "1" + std::string(kHash.substr(1));
  const auto start =
      zone(fmt::format("@ NSEC3PARAM 1 0 1 AB\n{} NSEC3 1 0 1 AB {} A\n"
                       "{} NSEC3 1 0 1 CD {} A\n",
                       kHash, kHash, other, other));
  Nsec3Label low{};
  low.fill('0');
  const auto first_of = [&](const Zone& in) {
    return in.owner_of(in.nsec3_before(low)).to_text().substr(0, 1);
  };
  EXPECT_EQ(first_of(*start), "2");
  const auto rolled =
      changed(start, changeset("@ NSEC3PARAM 1 0 1 AB\n", "@ NSEC3PARAM 1 0 1 CD\n"));
  ASSERT_TRUE(rolled.has_value());
  EXPECT_EQ(first_of(**rolled), "1");
  const auto flagged =
      changed(*rolled, changeset("@ NSEC3PARAM 1 0 1 CD\n", "@ NSEC3PARAM 1 1 1 CD\n"));
  ASSERT_TRUE(flagged.has_value());
  EXPECT_FALSE((*flagged)->uses_nsec3());
  EXPECT_EQ((*flagged)->name_count(), start->name_count());
}

TEST(ZoneApply, RefusesEmptyNonTerminalsWithoutEnd) {
  ZoneLimits limits;
  limits.empty_octets_per_record = 0;
  std::string deep;
  for (int i = 0; i < 100; ++i) {
    deep += "a.";
  }
  const auto start = zone("");
  std::string lines;
  for (int i = 0; i < 2'000; ++i) {
    lines += fmt::format("{}x{} A 192.0.2.1\n", deep, i);
  }
  const Changeset change = changeset("", lines);
  const auto refused = start->apply(std::span(&change, 1), limits);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::kTooLarge);
  EXPECT_THAT(refused.error().detail, HasSubstr("empty ones above them"));
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

/// Every name above an owner of `records` is the same in both.
void expect_same_above(const Zone& a, const Zone& b,
                       const std::vector<test::PlainRecord>& records) {
  for (const test::PlainRecord& record : records) {
    const NameKey key(record.owner);
    for (std::size_t labels = a.origin_labels(); labels <= key.label_count(); ++labels) {
      const NodeView in_a = a.find(key, labels);
      const NodeView in_b = b.find(key, labels);
      EXPECT_EQ(in_a ? in_a.flags() & ~kNodeCaseKept : -1,
                in_b ? in_b.flags() & ~kNodeCaseKept : -1)
          << Name(key.suffix(labels)).to_text();
    }
    Nsec3Label label{};
    if (record.type == RrType::kNsec3 && record.owner.wire()[0] == label.size()) {
      std::ranges::copy(key.name().wire().subspan(1, label.size()), label.begin());
      const NodeView in_a = a.nsec3_before(label);
      const NodeView in_b = b.nsec3_before(label);
      ASSERT_EQ(static_cast<bool>(in_a), static_cast<bool>(in_b));
      EXPECT_TRUE(!in_a || equal(in_a.relative_name(), in_b.relative_name()));
    }
  }
}

/// One version of a random zone is made into another by their difference; the result must be what
/// the builder makes.
TEST(ZoneApply, ADifferenceLeadsToTheZoneThatTheBuilderMakes) {
  const Name origin = name("example.");
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    test::RandomZones random(seed);
    auto first = random.records(origin, 40);
    auto second = random.records(origin, 40);
    random.add_nsec3(first, origin);
    random.add_nsec3(second, origin);
    const ZonePtr from = test::build_what_fits(first, origin);
    const ZonePtr to = test::build_what_fits(second, origin);
    const Changeset change = test::difference(from.get(), *to);
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
    expect_same_above(**made, *to, first);
    expect_same_above(**made, *to, second);
    expect_same_above(**undone, *from, first);
    expect_same_above(**undone, *from, second);
    if (HasFailure()) {
      FAIL() << "seed " << seed;
    }
  }
}

TEST(ZoneDiff, OfEqualZonesIsEmpty) {
  const auto a = zone("a A 192.0.2.1\nb TXT \"x\"\n");
  EXPECT_TRUE(test::difference(a.get(), *zone("b TXT \"x\"\na A 192.0.2.1\n")).empty());
}

TEST(ZoneDiff, BringsTheLettersOfNamesOver) {
  const auto before = zone("mail A 192.0.2.1\nwww MX 1 mail\n");
  const auto after = zone("MAIL A 192.0.2.1\nwww MX 1 Mail\n");
  const auto made = changed(before, test::difference(before.get(), *after));
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_EQ(lines_of(**made), lines_of(*after));
  EXPECT_NE(lines_of(*before), lines_of(*after));
  std::size_t visits = 0;
  visit_difference(before.get(), *after, [&visits](DiffSide, const PackedRecord&) {
    ++visits;
    return true;
  });
  EXPECT_EQ(visits, 0U) << "for people they are the same data";
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
