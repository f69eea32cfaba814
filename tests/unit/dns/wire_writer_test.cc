// The writing cursor: bounds, sticky overflow, compression (RFC 1035 s4.1.4).
#include "common/dns/wire_writer.h"

#include <array>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/dns/wire_reader.h"
#include "tests/unit/dns/rdata_rows.h"

namespace tandem {
namespace {

using testing::octets_of;

Name name_of(std::string_view text) {
  return Name::from_text(text).value_or(Name());
}

/// A writer over a buffer of its own, two octets in: offset 0 is never a name's in a message.
class WireWriterTest : public ::testing::Test {
 public:
  [[nodiscard]] std::string written() const { return to_hex(writer.written()).substr(4); }

  std::array<std::uint8_t, 1024> buffer{};
  WireWriter writer{buffer};

  void SetUp() override { writer.u16(0); }
};

TEST_F(WireWriterTest, WritesIntegersInNetworkOrder) {
  writer.u8(1);
  writer.u16(0x0203);
  writer.u32(0x04050607);
  EXPECT_EQ(written(), "01020304050607");
}

TEST_F(WireWriterTest, PatchesWhatWasWritten) {
  writer.u32(0);
  writer.patch_u16(3, 0xabcd);
  EXPECT_EQ(written(), "00abcd00");
}

TEST_F(WireWriterTest, RollsBackToAMark) {
  writer.u8(1);
  const auto mark = writer.mark();
  writer.u32(2);
  writer.rollback(mark);
  EXPECT_EQ(written(), "01");
}

TEST_F(WireWriterTest, WritesPlainNamesInFull) {
  writer.plain_name(name_of("a.b."));
  writer.plain_name(name_of("a.b."));
  EXPECT_EQ(written(),
            "0161016200"
            "0161016200");
}

TEST_F(WireWriterTest, PointsToANameWrittenBefore) {
  writer.compressed_name(name_of("a.b."));
  writer.compressed_name(name_of("a.b."));
  EXPECT_EQ(written(),
            "0161016200"
            "c002");
}

TEST_F(WireWriterTest, PointsToTheLongestSuffix) {
  writer.compressed_name(name_of("a.b.c."));
  writer.compressed_name(name_of("x.b.c."));
  EXPECT_EQ(written(),
            "01610162016300"
            "0178c004");
}

TEST_F(WireWriterTest, PointsToNamesThatAreCompressedThemselves) {
  writer.compressed_name(name_of("a.b."));
  writer.compressed_name(name_of("x.b."));
  writer.compressed_name(name_of("y.x.b."));
  EXPECT_EQ(written(),
            "0161016200"
            "0178c004"
            "0179c007");
}

TEST_F(WireWriterTest, ComparesSuffixesWithoutCase) {
  writer.compressed_name(name_of("a.B."));
  writer.compressed_name(name_of("c.b."));
  EXPECT_EQ(written(),
            "0161014200"
            "0163c004");
}

TEST_F(WireWriterTest, WritesTheRootAsOneOctet) {
  writer.compressed_name(name_of("."));
  writer.compressed_name(name_of("."));
  EXPECT_EQ(written(), "0000");
}

TEST_F(WireWriterTest, ForgetsNamesThatWereRolledBack) {
  const auto mark = writer.mark();
  writer.compressed_name(name_of("a.b."));
  writer.rollback(mark);
  writer.compressed_name(name_of("b."));
  writer.compressed_name(name_of("a.b."));
  EXPECT_EQ(written(),
            "016200"
            "0161c002");
}

TEST_F(WireWriterTest, CompressesWhatReadersReadBack) {
  const std::array names = {name_of("www.example.com."), name_of("mail.Example.com."), name_of("."),
                            name_of("com."), name_of("WWW.example.com.")};
  for (const Name& name : names) {
    writer.compressed_name(name);
  }
  WireReader reader(writer.written(), 2);
  for (const Name& name : names) {
    EXPECT_EQ(reader.name(), name) << name.to_text();
  }
  EXPECT_TRUE(reader.ok() && reader.at_end());
}

TEST(WireWriter, StaysFailedAfterWritingOverTheEnd) {
  std::array<std::uint8_t, 3> buffer{};
  WireWriter writer(buffer);
  writer.u16(1);
  writer.u16(2);
  EXPECT_FALSE(writer.ok());
  writer.u8(3);
  EXPECT_FALSE(writer.ok());
}

TEST(WireWriter, WritesNothingOfWhatDoesNotFit) {
  std::array<std::uint8_t, 3> buffer{};
  WireWriter writer(buffer);
  writer.octets(octets_of("01020304"));
  EXPECT_EQ(writer.size(), 0U);
  EXPECT_FALSE(writer.ok());
}

TEST(WireWriter, IsGoodAgainAfterRollback) {
  std::array<std::uint8_t, 3> buffer{};
  WireWriter writer(buffer);
  const auto mark = writer.mark();
  writer.compressed_name(name_of("long.name."));
  ASSERT_FALSE(writer.ok());
  writer.rollback(mark);
  writer.u8(7);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(to_hex(writer.written()), "07");
}

TEST(WireWriter, SetsNoPointerBeyondItsFourteenBits) {
  Octets buffer(20'000);
  WireWriter writer(buffer);
  writer.octets(Octets(16'384));
  writer.compressed_name(name_of("a."));
  writer.compressed_name(name_of("a."));
  EXPECT_EQ(to_hex(writer.written().subspan(16'384)), "016100016100");
}

TEST(WireWriter, WritesNamesInFullWhenItRemembersNoMore) {
  Octets buffer(4096);
  WireWriter writer(buffer);
  writer.u16(0);
  for (int i = 0; i < 100; ++i) {
    writer.compressed_name(name_of(fmt::format("n{:03}.", i)));
  }
  const std::size_t before = writer.size();
  writer.compressed_name(name_of("n099."));
  EXPECT_EQ(to_hex(writer.written().subspan(before)), "046e30393900");
}

}  // namespace
}  // namespace tandem
