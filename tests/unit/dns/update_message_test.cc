// The form of UPDATE messages (RFC 2136 s2, s3.1.1, s3.2.5, s3.4.1).
#include "common/dns/update_message.h"

#include <gtest/gtest.h>

#include "common/dns/header.h"
#include "tests/support/update_text.h"

namespace tandem::test {
namespace {

constexpr std::size_t kFirstRecord = kHeaderOctets + 9 + 4;  // behind `example. SOA IN`

std::optional<Rcode> refusal_of(const Octets& wire) {
  const auto update = read_update(wire);
  if (!update) {
    EXPECT_FALSE(update.error().reason.empty());
    return update.error().rcode;
  }
  return update->bad_step ? std::optional(update->bad_step->rcode) : std::nullopt;
}

/// The message with the class or TTL of its one record, whose owner is one pointer, set anew.
Octets with(std::string_view line, std::uint16_t rr_class, std::uint32_t ttl = 0) {
  Octets wire = update_wire(line);
  store_be16(wire.data() + kFirstRecord + 4, rr_class);
  store_be32(wire.data() + kFirstRecord + 6, ttl);
  return wire;
}

TEST(UpdateMessage, IsReadAsWhatItAsks) {
  const auto update =
      read_update(update_wire("prereq nxdomain a\n"
                              "prereq yxrrset a CNAME b\n"
                              "add a 60 A 192.0.2.1\n"
                              "delete b\n"
                              "delete b MX\n"
                              "delete b MX 10 a\n"));
  ASSERT_TRUE(update.has_value());
  EXPECT_EQ(update->zone.to_text(), "example.");
  ASSERT_EQ(update->prerequisites.size(), 2U);
  EXPECT_EQ(update->prerequisites[0].kind, UpdatePrerequisite::Kind::kNameNotInUse);
  EXPECT_EQ(update->prerequisites[1].kind, UpdatePrerequisite::Kind::kRrSetHas);
  ASSERT_EQ(update->steps.size(), 4U);
  EXPECT_EQ(update->steps[0].kind, UpdateStep::Kind::kAdd);
  EXPECT_EQ(update->steps[0].ttl, 60U);
  EXPECT_EQ(update->steps[1].kind, UpdateStep::Kind::kDeleteName);
  EXPECT_EQ(update->steps[2].kind, UpdateStep::Kind::kDeleteRrSet);
  EXPECT_EQ(update->steps[3].kind, UpdateStep::Kind::kDeleteRecord);
  EXPECT_EQ(update->steps[3].type, RrType::kMx);
  EXPECT_FALSE(update->bad_step.has_value());
}

TEST(UpdateMessage, NamesASingleZoneOfOurClass) {
  Octets wire = update_wire("");
  EXPECT_EQ(refusal_of(wire), std::nullopt);
  store_be16(wire.data() + 4, 0);
  EXPECT_EQ(refusal_of(wire), Rcode::kFormErr);
  store_be16(wire.data() + 4, 2);
  EXPECT_EQ(refusal_of(wire), Rcode::kFormErr);
  wire = update_wire("");
  store_be16(wire.data() + kFirstRecord - 4, number(RrType::kA));
  EXPECT_EQ(refusal_of(wire), Rcode::kFormErr);
  wire = update_wire("");
  store_be16(wire.data() + kFirstRecord - 2, static_cast<std::uint16_t>(RrClass::kCh));
  EXPECT_EQ(refusal_of(wire), Rcode::kNotAuth);
}

TEST(UpdateMessage, PrerequisitesHaveNoTtlAndTheirClassSaysWhetherData) {
  EXPECT_EQ(refusal_of(with("prereq yxrrset @ A", 255, 1)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("prereq yxrrset @ A 192.0.2.1", 255)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("prereq yxrrset @ A 192.0.2.1", 254)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("prereq yxrrset @ A", 1)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("prereq yxrrset @ A", 3)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("prereq yxdomain @", 1)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("prereq yxrrset @ AXFR", 255)), Rcode::kFormErr);
}

TEST(UpdateMessage, StepsHaveTheFormOfTheirClass) {
  EXPECT_EQ(refusal_of(with("delete @ A", 255, 1)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("delete @ A 192.0.2.1", 254, 1)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("delete @ A 192.0.2.1", 255)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("delete @ A", 254)), Rcode::kFormErr);  // no record without data
  EXPECT_EQ(refusal_of(with("delete @", 1)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("delete @", 254)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("delete @ AXFR", 255)), Rcode::kFormErr);
  EXPECT_EQ(refusal_of(with("add @ 1 A 192.0.2.1", 3)), Rcode::kFormErr);
}

TEST(UpdateMessage, ATtlWithItsFirstBitSetIsZero) {
  const auto update = read_update(with("add @ 1 A 192.0.2.1", 1, 0x8000'0001U));
  ASSERT_TRUE(update.has_value());
  EXPECT_EQ(update->steps.front().ttl, 0U);
}

TEST(UpdateMessage, EveryCutIsAFormatError) {
  const Octets whole = update_wire("prereq yxdomain a\nadd a 60 MX 10 b\ndelete a A 192.0.2.1\n");
  ASSERT_EQ(refusal_of(whole), std::nullopt);
  for (std::size_t octets = 0; octets < whole.size(); ++octets) {
    EXPECT_EQ(refusal_of({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(octets)}),
              Rcode::kFormErr)
        << octets;
  }
  Octets longer = whole;
  longer.push_back(0);
  EXPECT_EQ(refusal_of(longer), Rcode::kFormErr);
}

TEST(UpdateMessage, HasABoundOnItsRecords) {
  Octets wire = update_wire("");
  store_be16(wire.data() + 8, kMaxUpdateRecords + 1);
  EXPECT_EQ(refusal_of(wire), Rcode::kRefused);
}

}  // namespace
}  // namespace tandem::test
