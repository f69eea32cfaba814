// Base 16, 32 and 64: the vectors of RFC 4648 s10, and strict decoding.
#include "common/base/encoding.h"

#include <array>

#include <gtest/gtest.h>

namespace tandem {
namespace {

struct Vector {
  std::string_view plain;
  std::string_view base64;
  std::string_view base32hex;  // lower case, without padding (RFC 5155 s3.3)
  std::string_view hex;
};

constexpr std::array kVectors = {
    Vector{"", "", "", ""},
    Vector{"f", "Zg==", "co", "66"},
    Vector{"fo", "Zm8=", "cpng", "666f"},
    Vector{"foo", "Zm9v", "cpnmu", "666f6f"},
    Vector{"foob", "Zm9vYg==", "cpnmuog", "666f6f62"},
    Vector{"fooba", "Zm9vYmE=", "cpnmuoj1", "666f6f6261"},
    Vector{"foobar", "Zm9vYmFy", "cpnmuoj1e8", "666f6f626172"},
};

TEST(Encoding, MatchesTheVectorsOfRfc4648) {
  for (const Vector& vector : kVectors) {
    const OctetSpan octets = as_octets(vector.plain);
    EXPECT_EQ(to_base64(octets), vector.base64);
    EXPECT_EQ(to_base32hex(octets), vector.base32hex);
    EXPECT_EQ(to_hex(octets), vector.hex);
  }
}

TEST(Decoding, MatchesTheVectorsOfRfc4648) {
  for (const Vector& vector : kVectors) {
    const Octets octets = to_octets(as_octets(vector.plain));
    EXPECT_EQ(from_base64(vector.base64), octets) << vector.plain;
    EXPECT_EQ(from_base32hex(vector.base32hex), octets) << vector.plain;
    EXPECT_EQ(from_hex(vector.hex), octets) << vector.plain;
  }
}

TEST(Encoding, CoversEveryOctet) {
  Octets all(256);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = static_cast<std::uint8_t>(i);
  }
  EXPECT_EQ(from_base64(to_base64(all)), all);
  EXPECT_EQ(from_base32hex(to_base32hex(all)), all);
  EXPECT_EQ(from_hex(to_hex(all)), all);
  EXPECT_EQ(from_hex(to_hex_upper(all)), all);
}

TEST(Hex, IsWrittenInEitherCase) {
  EXPECT_EQ(to_hex(Octets{0xab, 0x0c}), "ab0c");
  EXPECT_EQ(to_hex_upper(Octets{0xab, 0x0c}), "AB0C");
}

TEST(Hex, RefusesWhatIsNotPairsOfDigits) {
  for (const std::string_view text : {"a", "abc", "0g", "a ", " ab", "0x12", "-1"}) {
    EXPECT_FALSE(from_hex(text)) << text;
  }
}

TEST(Base64, RefusesWrongPadding) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Z===", "====", "=Zg=", "Zg==Zg==", "Zm9=v"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Base64, RefusesBitsLeftOver) {
  EXPECT_FALSE(from_base64("Zh=="));
  EXPECT_FALSE(from_base64("Zm9="));
}

TEST(Base64, RefusesOtherOctets) {
  for (const std::string_view text : {"Zm9 ", "Zm-v", "Zm_v", "Zm9\n", "Zm9\xff"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Base32Hex, IsReadInAnyCase) {
  EXPECT_EQ(from_base32hex("CPNMU"), from_base32hex("cpnmu"));
}

TEST(Base32Hex, RefusesOtherLettersPaddingAndBitsLeftOver) {
  for (const std::string_view text : {"cw", "co======", "c", "cp", "cpn"}) {
    EXPECT_FALSE(from_base32hex(text)) << text;
  }
}

}  // namespace
}  // namespace tandem
