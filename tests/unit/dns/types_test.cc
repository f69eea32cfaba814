// Mnemonics of types, classes, opcodes and rcodes; RFC 3597 s5 for those that have none.
#include "common/dns/types.h"

#include <gtest/gtest.h>

#include "common/dns/rdata_schema.h"

namespace tandem {
namespace {

TEST(RrTypeText, IsTheSameBothWaysForEveryTypeWithARow) {
  for (const TypeSchema& schema : all_schemas()) {
    const std::string text = to_text(schema.type);
    EXPECT_FALSE(text.starts_with("TYPE")) << text;
    EXPECT_EQ(rr_type_from_text(text), schema.type) << text;
  }
}

TEST(RrTypeText, IsTypeAndNumberForTheUnknown) {
  EXPECT_EQ(to_text(static_cast<RrType>(65280)), "TYPE65280");
  EXPECT_EQ(to_text(static_cast<RrType>(0)), "TYPE0");
  EXPECT_EQ(rr_type_from_text("TYPE65280"), static_cast<RrType>(65280));
  EXPECT_EQ(rr_type_from_text("TYPE0"), static_cast<RrType>(0));
}

TEST(RrTypeText, IsReadInAnyCase) {
  EXPECT_EQ(rr_type_from_text("aaaa"), RrType::kAaaa);
  EXPECT_EQ(rr_type_from_text("Nsec3Param"), RrType::kNsec3param);
  EXPECT_EQ(rr_type_from_text("type1"), RrType::kA);
}

TEST(RrTypeText, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "TYPE 1", "A ", "AA", "TYP1"}) {
    EXPECT_FALSE(rr_type_from_text(text)) << text;
  }
}

TEST(RrClassText, IsTheSameBothWays) {
  for (const RrClass rr_class :
       {RrClass::kIn, RrClass::kCh, RrClass::kHs, RrClass::kNone, RrClass::kAny}) {
    EXPECT_EQ(rr_class_from_text(to_text(rr_class)), rr_class);
  }
}

TEST(RrClassText, IsClassAndNumberForTheUnknown) {
  EXPECT_EQ(to_text(static_cast<RrClass>(2)), "CLASS2");
  EXPECT_EQ(rr_class_from_text("class1"), RrClass::kIn);
  EXPECT_FALSE(rr_class_from_text("CLASS65536"));
}

TEST(RcodeText, HasTheNamesOfRfc6895) {
  EXPECT_EQ(to_text(Rcode::kNoError), "NOERROR");
  EXPECT_EQ(to_text(Rcode::kNxDomain), "NXDOMAIN");
  EXPECT_EQ(to_text(Rcode::kBadVers), "BADVERS");
  EXPECT_EQ(to_text(static_cast<Rcode>(4000)), "RCODE4000");
}

TEST(OpcodeText, HasTheNamesOfRfc6895) {
  EXPECT_EQ(to_text(Opcode::kQuery), "QUERY");
  EXPECT_EQ(to_text(Opcode::kUpdate), "UPDATE");
  EXPECT_EQ(to_text(static_cast<Opcode>(3)), "OPCODE3");
}

TEST(MetaTypes, AreThoseOfRfc6895Section3) {
  for (const unsigned type : {0U, 41U, 128U, 249U, 250U, 251U, 252U, 255U}) {
    EXPECT_TRUE(is_meta_type(static_cast<RrType>(type))) << type;
  }
  for (const unsigned type : {1U, 40U, 42U, 127U, 256U, 65280U}) {
    EXPECT_FALSE(is_meta_type(static_cast<RrType>(type))) << type;
  }
}

}  // namespace
}  // namespace tandem
