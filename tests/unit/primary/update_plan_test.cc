// UPDATE by the sections of RFC 2136: what each prerequisite says, what each step does.
#include "primary/update_plan.h"

#include <gtest/gtest.h>

#include "tests/support/update_text.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using Lines = std::vector<std::string>;

class UpdatePlan : public ::testing::Test {
 protected:
  [[nodiscard]] std::expected<Changeset, UpdateRefusal> run(std::string_view script) const {
    const auto update = read_update(update_wire(script));
    if (!update) {
      return std::unexpected(update.error());
    }
    return changes_of(*update, *zone_);
  }

  [[nodiscard]] Rcode rcode_of(std::string_view script) const {
    const auto changes = run(script);
    return changes ? Rcode::kNoError : changes.error().rcode;
  }

  /// All records after it, without the apex of every test zone.
  [[nodiscard]] Lines after(std::string_view script) const {
    const auto changes = run(script);
    if (!changes) {
      return {changes.error().reason};
    }
    const auto next = zone_->apply(std::span(&*changes, 1), ZoneLimits{});
    if (!next) {
      return {next.error().detail};
    }
    Lines lines = lines_of(**next);
    std::erase_if(lines, [this](const std::string& line) {
      return std::ranges::find(apex_, line) != apex_.end();
    });
    return lines;
  }

  [[nodiscard]] bool changes_nothing(std::string_view script) const {
    const auto changes = run(script);
    return changes && changes->empty();
  }

  const Lines apex_ = lines_of(*zone(""));
  ZonePtr zone_ = zone(
      "a 600 A 192.0.2.1\n"
      "a 600 A 192.0.2.2\n"
      "a 600 TXT \"Text\"\n"
      "b.c 60 AAAA 2001:db8::1\n"
      "alias 60 CNAME a\n");
};

// --- section 3.2: prerequisites

TEST_F(UpdatePlan, PrerequisitesThatNameNoValue) {
  EXPECT_EQ(rcode_of("prereq yxdomain a"), Rcode::kNoError);
  EXPECT_EQ(rcode_of("prereq yxdomain A.EXAMPLE."), Rcode::kNoError);
  EXPECT_EQ(rcode_of("prereq yxdomain z"), Rcode::kNxDomain);
  EXPECT_EQ(rcode_of("prereq yxdomain c"), Rcode::kNxDomain);  // no record, so not in use (s2.4.4)
  EXPECT_EQ(rcode_of("prereq nxdomain z"), Rcode::kNoError);
  EXPECT_EQ(rcode_of("prereq nxdomain a"), Rcode::kYxDomain);
  EXPECT_EQ(rcode_of("prereq yxrrset a TXT"), Rcode::kNoError);
  EXPECT_EQ(rcode_of("prereq yxrrset a MX"), Rcode::kNxRrset);
  EXPECT_EQ(rcode_of("prereq yxrrset alias A"), Rcode::kNxRrset);  // aliases are not followed
  EXPECT_EQ(rcode_of("prereq nxrrset a MX"), Rcode::kNoError);
  EXPECT_EQ(rcode_of("prereq nxrrset a A"), Rcode::kYxRrset);
}

TEST_F(UpdatePlan, PrerequisitesOfValuesAreForWholeRrsets) {
  const std::string_view both = "prereq yxrrset a A 192.0.2.1\nprereq yxrrset a A 192.0.2.2\n";
  EXPECT_EQ(rcode_of(both), Rcode::kNoError);
  EXPECT_EQ(rcode_of(std::string(both) + "prereq yxrrset a TXT \"Text\""), Rcode::kNoError);
  EXPECT_EQ(rcode_of(std::string(both) + "prereq yxrrset A A 192.0.2.1"), Rcode::kNoError);
  EXPECT_EQ(rcode_of(std::string(both) + "prereq yxrrset a A 192.0.2.3"), Rcode::kNxRrset);
  EXPECT_EQ(rcode_of("prereq yxrrset a A 192.0.2.1"), Rcode::kNxRrset);
  EXPECT_EQ(rcode_of("prereq yxrrset a TXT \"text\""), Rcode::kNxRrset);
  EXPECT_EQ(rcode_of("prereq yxrrset z A 192.0.2.1"), Rcode::kNxRrset);
  EXPECT_EQ(rcode_of("prereq yxrrset alias CNAME A.Example."), Rcode::kNoError);
}

TEST_F(UpdatePlan, NothingHappensUnlessAllPrerequisitesAreMet) {
  EXPECT_EQ(rcode_of("prereq yxdomain a\nprereq yxdomain z\nadd n 60 A 192.0.2.9"),
            Rcode::kNxDomain);
  EXPECT_EQ(after("prereq yxdomain a\nprereq nxdomain n\nadd n 60 A 192.0.2.9").back(),
            "n.example. 60 IN A 192.0.2.9");
}

TEST_F(UpdatePlan, NamesOutsideOfTheZoneAreNotZone) {
  EXPECT_EQ(rcode_of("prereq nxdomain a.other."), Rcode::kNotZone);
  EXPECT_EQ(rcode_of("add a.other. 60 A 192.0.2.1"), Rcode::kNotZone);
  EXPECT_EQ(rcode_of("delete other."), Rcode::kNotZone);
  // The prerequisites come first (s3.2 before s3.4).
  EXPECT_EQ(rcode_of("prereq nxdomain a\nadd a.other. 60 A 192.0.2.1"), Rcode::kYxDomain);
}

// --- section 3.4.2: steps

TEST_F(UpdatePlan, AddJoinsTheRrsetWhichHasOneTtl) {
  EXPECT_EQ(after("add a 30 A 192.0.2.3").front(), "a.example. 30 IN A 192.0.2.1");
  EXPECT_EQ(after("add a 30 A 192.0.2.3").at(2), "a.example. 30 IN A 192.0.2.3");
  EXPECT_EQ(after("add a 30 A 192.0.2.3").at(3), "a.example. 600 IN TXT \"Text\"");
  EXPECT_EQ(after("add a 30 A 192.0.2.1").at(1), "a.example. 30 IN A 192.0.2.2");
}

TEST_F(UpdatePlan, WhatIsSoAlreadyIsNoChange) {
  EXPECT_TRUE(changes_nothing("add a 600 A 192.0.2.1"));
  EXPECT_TRUE(changes_nothing("add alias 60 CNAME A.EXAMPLE."));
  EXPECT_TRUE(changes_nothing("delete z"));
  EXPECT_TRUE(changes_nothing("delete a MX"));
  EXPECT_TRUE(changes_nothing("delete a A 192.0.2.9"));
  EXPECT_TRUE(changes_nothing("add n 60 A 192.0.2.1\ndelete n"));
  EXPECT_TRUE(changes_nothing("delete a A\nadd a 600 A 192.0.2.1\nadd a 600 A 192.0.2.2"));
  EXPECT_TRUE(changes_nothing("prereq yxdomain a"));
}

TEST_F(UpdatePlan, AnAliasAndOtherDataKeepEachOtherOut) {
  EXPECT_TRUE(changes_nothing("add a 60 CNAME b.c"));
  EXPECT_TRUE(changes_nothing("add alias 60 A 192.0.2.1"));
  EXPECT_EQ(after("add alias 30 CNAME b.c").at(3), "alias.example. 30 IN CNAME b.c.example.");
  EXPECT_EQ(after("delete a\nadd a 60 CNAME b.c").front(), "a.example. 60 IN CNAME b.c.example.");
  EXPECT_EQ(after("delete alias\nadd alias 60 A 192.0.2.7").at(3),
            "alias.example. 60 IN A 192.0.2.7");
}

TEST_F(UpdatePlan, DeletesARecordAnRrsetOrAName) {
  EXPECT_EQ(after("delete a A 192.0.2.1").front(), "a.example. 600 IN A 192.0.2.2");
  EXPECT_EQ(after("delete a A").front(), "a.example. 600 IN TXT \"Text\"");
  EXPECT_EQ(after("delete a").front(), "alias.example. 60 IN CNAME a.example.");
  EXPECT_EQ(after("delete alias CNAME A.example.").size(), 4U);
}

TEST_F(UpdatePlan, TheApexKeepsItsSoaAndNameServers) {
  EXPECT_TRUE(changes_nothing("delete @"));
  EXPECT_TRUE(changes_nothing("delete @ NS"));
  EXPECT_TRUE(changes_nothing("delete @ SOA"));
  EXPECT_TRUE(changes_nothing("delete @ NS ns1"));
  EXPECT_TRUE(changes_nothing("delete @ SOA ns1 hostmaster 1 900 300 604800 600"));
  // Not the last one any more; but then the other one is.
  EXPECT_EQ(after("add @ 3600 NS a\ndelete @ NS ns1\ndelete @ NS a").front(),
            "example. 3600 IN NS a.example.");
  EXPECT_EQ(after("add @ 60 TXT \"x\"\ndelete @").size(), 5U);  // s3.4.2.3: all but those two
}

TEST_F(UpdatePlan, ASoaCountsOnlyWhenItIsNewer) {
  EXPECT_TRUE(changes_nothing("add @ 60 SOA ns1 hostmaster 1 1 1 1 1"));
  EXPECT_TRUE(changes_nothing("add @ 60 SOA ns1 hostmaster 4294967295 1 1 1 1"));
  EXPECT_TRUE(changes_nothing("add a 60 SOA ns1 hostmaster 7 1 1 1 1"));
  EXPECT_EQ(after("add @ 60 SOA ns1 hostmaster 7 1 2 3 4").front(),
            "example. 60 IN SOA ns1.example. hostmaster.example. 7 1 2 3 4");
}

TEST_F(UpdatePlan, WildcardsAndUnknownTypesAreDataAsAnyOther) {
  EXPECT_EQ(after("add * 60 A 192.0.2.9").front(), "*.example. 60 IN A 192.0.2.9");
  EXPECT_TRUE(changes_nothing("delete *"));  // no pattern
  EXPECT_EQ(after("add n 60 TYPE65280 \\# 2 ABCD").back(), "n.example. 60 IN TYPE65280 \\# 2 ABCD");
  EXPECT_EQ(after("add n 60 DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=").back(),
            "n.example. 60 IN DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=");
}

TEST_F(UpdatePlan, WhatTheServerMakesItselfIsRefused) {
  EXPECT_EQ(rcode_of("add a 60 NSEC b A"), Rcode::kRefused);
  EXPECT_EQ(rcode_of("delete a NSEC"), Rcode::kRefused);
}

}  // namespace
}  // namespace tandem::test
