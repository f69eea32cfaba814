// What leads from a serial that somebody has to the present version, out of the log (RFC 1995).
#include "common/node/zone_steps.h"

#include <random>

#include <gmock/gmock.h>

#include "common/dns/rdata.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

using Lines = std::vector<std::string>;
using ::testing::Contains;
using ::testing::IsEmpty;

Lines lines_of(OctetSpan records) {
  Lines lines;
  RrUnpacker unpacker(records);
  while (const auto record = unpacker.next()) {
    lines.push_back(fmt::format("{} {} {}", record->owner.to_text(), to_text(record->type),
                                rdata_to_text(record->type, record->rdata)));
  }
  return lines;
}

class ZoneStepsTest : public WriterTest {
 protected:
  void set(std::string_view owner, std::string_view address) {
    ASSERT_TRUE(change(*writer_, set_address(kZone, owner, address)));
  }

  std::optional<ZoneStep> step(Serial known, const StepLimits& limits = {}) {
    return step_to(*log_.answered(kZone), known, limits);
  }

  std::optional<ZoneStep> step_to(const Zone& present, Serial known,
                                  const StepLimits& limits = {}) {
    auto found = find_step(*log_, present, known, limits);
    EXPECT_TRUE(found) << found.error().detail;
    return found ? *std::move(found) : std::nullopt;
  }

  /// `old` with the step taken is the zone that is answered.
  void check_leads_from(const Zone& old) {
    const auto found = step(old.serial());
    ASSERT_TRUE(found) << "from " << old.serial();
    EXPECT_EQ(found->from, SoaRecord::of(old));
    EXPECT_EQ(found->to, SoaRecord::of(*log_.answered(kZone)));
    Changeset whole = found->change;
    RrPacker(whole.removed).add(old.origin(), RrType::kSoa, found->from.ttl, found->from.rdata);
    RrPacker(whole.added).add(old.origin(), RrType::kSoa, found->to.ttl, found->to.rdata);
    const auto now = old.apply(std::span(&whole, 1), ZoneLimits{});
    ASSERT_TRUE(now) << now.error().detail;
    EXPECT_EQ(test::lines_of(**now), test::lines_of(*log_.answered(kZone)));
  }
};

TEST_F(ZoneStepsTest, SeveralChangesAreOneStepWithoutWhatCameAndWent) {
  start_with_zone();
  set("b", "192.0.2.2");
  set("b", "192.0.2.3");
  set("c", "192.0.2.4");
  const auto found = step(1);
  ASSERT_TRUE(found);
  EXPECT_THAT(lines_of(found->change.removed), IsEmpty());
  EXPECT_EQ(lines_of(found->change.added),
            (Lines{"b.example. A 192.0.2.3", "c.example. A 192.0.2.4"}));
  EXPECT_EQ(soa_serial(found->from.rdata), 1U);
  EXPECT_EQ(soa_serial(found->to.rdata), serial());
  EXPECT_EQ(lines_of(step(3)->change.removed), Lines{}) << "what b had before was 3's already";
}

TEST_F(ZoneStepsTest, EverySerialThatThereWasLeadsToThePresentAlsoAfterARestart) {
  start_with_zone();
  for (int i = 0; i < 30; ++i) {  // no step is more than the zone
    set(fmt::format("keep{}", i), "192.0.2.1");
  }
  std::mt19937 random(4711);
  std::vector<ZonePtr> versions{log_.answered(kZone)};
  for (int i = 0; i < 60; ++i) {
    set(fmt::format("n{}", random() % 12), fmt::format("192.0.2.{}", random() % 250));
    if (log_.answered(kZone)->serial() != versions.back()->serial()) {
      versions.push_back(log_.answered(kZone));
    }
  }
  const ZonePtr last = versions.back();
  versions.pop_back();
  for (const ZonePtr& old : versions) {
    check_leads_from(*old);
  }
  ASSERT_GT(versions.size(), 30U);
  writer_.reset();
  log_.restart();
  ASSERT_EQ(log_.answered(kZone)->serial(), last->serial());
  check_leads_from(*versions.front());
}

TEST_F(ZoneStepsTest, TheStepEndsAtTheVersionThatIsGivenAlsoWhenTheLogIsAhead) {
  start_with_zone();
  set("b", "192.0.2.2");
  const ZonePtr published = log_.answered(kZone);
  set("c", "192.0.2.3");
  const auto found = step_to(*published, 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(lines_of(found->change.added), Lines{"b.example. A 192.0.2.2"});
  EXPECT_EQ(found->to, SoaRecord::of(*published));
  EXPECT_FALSE(step_to(*published, serial())) << "newer than what is published";
}

TEST_F(ZoneStepsTest, ASoaWithOtherNumbersIsPartOfTheStep) {
  start_with_zone();
  const ZonePtr before = log_.answered(kZone);
  ASSERT_TRUE(change(*writer_, plan_import(name(kZone),
                                           build("@ 60 IN SOA NS1 other 7 1 2 604800 5\n"
                                                 "@ 3600 IN NS ns1\n"
                                                 "ns1 3600 IN A 192.0.2.1\n")
                                               .zone,
                                           IfMissing::kRefuse)));
  set("b", "192.0.2.2");
  const auto found = step(before->serial());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->from, SoaRecord::of(*before)) << "as it was then";
  EXPECT_EQ(found->to.ttl, 60U);
  check_leads_from(*before);
}

TEST_F(ZoneStepsTest, UnknownSerialsHaveNoStep) {
  start_with_zone();
  set("b", "192.0.2.2");
  EXPECT_FALSE(step(serial() + 1));
  EXPECT_FALSE(step(0));
  EXPECT_FALSE(step(0x9000'0000));
}

TEST_F(ZoneStepsTest, WhatWasTrimmedHasNoStep) {
  start_with_zone();
  for (int i = 0; i < 4; ++i) {
    set("b", fmt::format("192.0.2.{}", 10 + i));
  }
  ASSERT_TRUE(step(1));
  ASSERT_TRUE(log_->entries().trim(log_.head() - 2));
  EXPECT_FALSE(step(1));
  EXPECT_TRUE(step(serial() - 1));
  EXPECT_TRUE(step(serial() - 2)) << "the state before the oldest entry that is kept";
}

TEST_F(ZoneStepsTest, NothingLeadsAcrossAReplacementOrADeletion) {
  start_with_zone();
  const Serial first = serial();
  ASSERT_TRUE(change(*writer_, plan_import(name(kZone), zone(large_lines("a")),
                                           IfMissing::kRefuse)));  // an image
  EXPECT_FALSE(step(first));
  const Serial replaced = serial();
  set("b", "192.0.2.2");
  EXPECT_TRUE(step(replaced)) << "from the replacement on";
  ASSERT_TRUE(change(*writer_, plan_delete(name(kZone))));
  ASSERT_TRUE(change(*writer_, plan_create(name(kZone), {}, zone("a A 192.0.2.1\n"))));
  EXPECT_FALSE(step(replaced));
}

TEST_F(ZoneStepsTest, WhatIsAboveTheLimitsOrMoreThanTheZoneIsNoStep) {
  start_with_zone();
  set("b", "192.0.2.2");
  set("b", "192.0.2.3");
  EXPECT_TRUE(step(1));
  EXPECT_FALSE(step(1, {.octets = 100, .read_octets = 100'000}));
  EXPECT_FALSE(step(1, {.octets = 100'000, .read_octets = 100}));
  for (int i = 0; i < 8; ++i) {
    set(fmt::format("x{}", i), "192.0.2.2");
  }
  const Serial many = serial();
  ASSERT_TRUE(change(*writer_, plan_import(name(kZone), zone(""), IfMissing::kRefuse)));
  EXPECT_FALSE(step(many)) << "ten records go, three are there";
}

TEST_F(ZoneStepsTest, OptionsBetweenChangesDoNotMatter) {
  start_with_zone();
  const ZonePtr before = log_.answered(kZone);
  set("b", "192.0.2.2");
  ASSERT_TRUE(change(*writer_, plan_options(name(kZone), [](ZoneOptions& options) {
    options.serve_after_expire = true;
  })));
  set("c", "192.0.2.2");
  check_leads_from(*before);
}

}  // namespace
}  // namespace tandem::test
