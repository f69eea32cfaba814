// The reading cursor: bounds, sticky failure, compression pointers (RFC 1035 s4.1.4).
#include "common/dns/wire_reader.h"

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "tests/unit/dns/rdata_rows.h"

namespace tandem {
namespace {

using testing::octets_of;

TEST(WireReader, ReadsIntegersInNetworkOrder) {
  const Octets message = octets_of("01 0203 04050607");
  WireReader reader(message);
  EXPECT_EQ(reader.u8(), 0x01U);
  EXPECT_EQ(reader.u16(), 0x0203U);
  EXPECT_EQ(reader.u32(), 0x04050607U);
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.at_end());
}

TEST(WireReader, StaysFailedAfterReadingOverTheEnd) {
  const Octets message = octets_of("0102");
  WireReader reader(message);
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0U);
  EXPECT_TRUE(reader.octets(1).empty());
  EXPECT_EQ(reader.left(), 0U);
  EXPECT_FALSE(reader.ok());
}

TEST(WireReader, StartsWhereItIsTold) {
  const Octets message = octets_of("010203");
  WireReader reader(message, 2);
  EXPECT_EQ(reader.at(), 2U);
  EXPECT_EQ(reader.u8(), 3U);
}

TEST(WireReader, TakesAStartBehindTheEndAsTheEnd) {
  const Octets message = octets_of("0102");
  const WireReader reader(message, 5);
  EXPECT_TRUE(reader.at_end());
  EXPECT_TRUE(reader.ok());
}

TEST(WireReader, GivesTheRest) {
  const Octets message = octets_of("010203");
  WireReader reader(message, 1);
  EXPECT_EQ(to_hex(reader.rest()), "0203");
  EXPECT_TRUE(reader.at_end());
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_TRUE(reader.ok());
}

TEST(WireReaderName, FollowsAPointerAndGoesOnBehindIt) {
  const Octets message = octets_of("07 6578616d706c65 00 03 777777 c000 2a");
  WireReader reader(message, 9);
  EXPECT_EQ(reader.name().to_text(), "www.example.");
  EXPECT_EQ(reader.u8(), 0x2aU);
}

TEST(WireReaderName, FollowsChainsOfPointers) {
  const Octets message = octets_of("0161 00 0162 c000 0163 c003 0164 c007");
  WireReader reader(message, 11);
  EXPECT_EQ(reader.name().to_text(), "d.c.b.a.");
  EXPECT_TRUE(reader.at_end());
}

TEST(WireReaderName, RefusesPointersThatDoNotGoBack) {
  for (const std::string_view hex : {"c000", "c001", "c002 00", "0161 c000", "0161 c002"}) {
    const Octets message = octets_of(hex);
    WireReader reader(message);
    static_cast<void>(reader.name());
    EXPECT_FALSE(reader.ok()) << hex;
  }
}

TEST(WireReaderName, RefusesPointersInACircle) {
  // At 4 a label and a pointer to 2, there a pointer to 4.
  const Octets message = octets_of("0000 c004 0161 c002");
  WireReader reader(message, 4);
  static_cast<void>(reader.name());
  EXPECT_FALSE(reader.ok());
}

TEST(WireReaderName, RefusesReservedLabelTypes) {
  for (const std::string_view hex : {"4000", "8000", "7f00", "bf00"}) {
    const Octets message = octets_of(hex);
    WireReader reader(message);
    static_cast<void>(reader.name());
    EXPECT_FALSE(reader.ok()) << hex;
  }
}

TEST(WireReaderName, RefusesNamesThatAreCutOff) {
  for (const std::string_view hex : {"", "01", "0161", "0261", "c0"}) {
    const Octets message = octets_of(hex);
    WireReader reader(message);
    static_cast<void>(reader.name());
    EXPECT_FALSE(reader.ok()) << hex;
  }
}

TEST(WireReaderName, RefusesMoreThan255OctetsThroughPointers) {
  // 63 * 2 + 1 octets, then a name of 65 labels that ends in a pointer to it: 130 + 127 octets.
  Octets message;
  for (int i = 0; i < 63; ++i) {
    append(message, octets_of("0161"));
  }
  message.push_back(0);
  const std::size_t start = message.size();
  for (int i = 0; i < 65; ++i) {
    append(message, octets_of("0162"));
  }
  append(message, octets_of("c000"));
  WireReader too_long(message, start);
  static_cast<void>(too_long.name());
  EXPECT_FALSE(too_long.ok());
  WireReader long_enough(message, start + 2);
  EXPECT_EQ(long_enough.name().size(), 255U);
  EXPECT_TRUE(long_enough.ok());
}

TEST(WireReaderName, StaysInItsLimitBeforeTheFirstPointer) {
  const Octets message = octets_of("0161 0162 00");
  WireReader reader(message);
  WireReader sub = reader.sub_reader(3);
  static_cast<void>(sub.name());
  EXPECT_FALSE(sub.ok());
}

TEST(WireReaderPlainName, RefusesPointers) {
  const Octets message = octets_of("00 0161 c000");
  WireReader reader(message, 1);
  static_cast<void>(reader.plain_name());
  EXPECT_FALSE(reader.ok());
}

TEST(WireReaderPlainName, BorrowsTheOctets) {
  const Octets message = octets_of("0161 00 2a");
  WireReader reader(message);
  EXPECT_EQ(reader.plain_name().wire().data(), message.data());
  EXPECT_EQ(reader.u8(), 0x2aU);
}

TEST(WireReaderSub, SeesItsPartAndMovesTheOuterOnePast) {
  const Octets message = octets_of("01020304");
  WireReader reader(message);
  WireReader sub = reader.sub_reader(3);
  EXPECT_EQ(to_hex(sub.rest()), "010203");
  EXPECT_EQ(reader.u8(), 4U);
}

TEST(WireReaderSub, FailsBothWhenThereIsTooLittle) {
  const Octets message = octets_of("0102");
  WireReader reader(message);
  const WireReader sub = reader.sub_reader(3);
  EXPECT_FALSE(sub.ok());
  EXPECT_FALSE(reader.ok());
}

TEST(WireReaderSub, FollowsPointersIntoTheWholeMessage) {
  const Octets message = octets_of("0161 00 c000 ff");
  WireReader reader(message, 3);
  WireReader sub = reader.sub_reader(2);
  EXPECT_EQ(sub.name().to_text(), "a.");
  EXPECT_TRUE(sub.at_end());
}

}  // namespace
}  // namespace tandem
