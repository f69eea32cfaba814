// The content digest: a sum, so order never matters; canonical, so letter case does not (RFC 4034
// s6.2).
#include "common/log/content_digest.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "common/zone/zone_builder.h"
#include "tests/unit/log/sample_entries.h"

namespace tandem {
namespace {

using testing::name_of;
using testing::packed;

constexpr std::string_view kZone =
    "a. 3600 SOA ns.a. admin.a. 1 3600 600 604800 300\n"
    "a. 3600 NS ns.a.\n"
    "ns.a. 300 A 192.0.2.1\n"
    "ns.a. 300 A 192.0.2.2\n"
    "w.a. 60 TXT \"x\" \"y\"\n";

Digest256 digest_of(std::string_view lines) {
  ContentDigest digest;
  digest.apply({.removed = {}, .added = packed(lines)});
  return digest.value();
}

ZonePtr zone_of(OctetSpan records) {
  ZoneBuilder builder(name_of("a."), {});
  RrUnpacker unpacker(records);
  while (const auto record = unpacker.next()) {
    builder.add(*record);
  }
  return builder.build().zone;
}

TEST(ContentDigest, OfNothingIsZero) {
  EXPECT_EQ(ContentDigest().value(), Digest256{});
}

TEST(ContentDigest, OfOneRecordIsTheHashOfItsCanonicalForm) {
  const Octets form = *from_hex(
      "0177"
      "0161"
      "00"  // w.a.
      "0010"
      "0001"
      "0000003c"  // TXT IN 60
      "0004"
      "0178"
      "0179");  // "x" "y"
  EXPECT_EQ(digest_of("W.A. 60 TXT \"x\" \"y\"\n"), sha256(form));
}

TEST(ContentDigest, IgnoresCaseInNamesThatRfc4034Folds) {
  EXPECT_EQ(digest_of("w.a. 60 NS ns.a.\n"), digest_of("W.a. 60 NS NS.A.\n"));
}

TEST(ContentDigest, SeesCaseElsewhere) {
  EXPECT_NE(digest_of("w.a. 60 TXT \"x\"\n"), digest_of("w.a. 60 TXT \"X\"\n"));
}

TEST(ContentDigest, SeesEveryField) {
  const Digest256 base = digest_of("w.a. 60 A 192.0.2.1\n");
  EXPECT_NE(base, digest_of("x.a. 60 A 192.0.2.1\n"));
  EXPECT_NE(base, digest_of("w.a. 61 A 192.0.2.1\n"));
  EXPECT_NE(base, digest_of("w.a. 60 A 192.0.2.2\n"));
  EXPECT_NE(base, digest_of("w.a. 60 TYPE65281 \\# 4 c0000201\n"));
}

TEST(ContentDigest, ReadsAndGivesTheSameNumber) {
  const Digest256 value = sha256(as_octets("some number"));
  EXPECT_EQ(ContentDigest(value).value(), value);
}

TEST(ContentDigest, IsASumModulo2To256) {
  Digest256 most;
  most.fill(0xff);
  // 2^256 - 1 and a record's hash h make h - 1: the carry runs through all limbs and out.
  ContentDigest digest(most);
  digest.apply({.removed = {}, .added = packed("w.a. 60 A 192.0.2.1\n")});
  Digest256 less_one = digest_of("w.a. 60 A 192.0.2.1\n");
  ASSERT_NE(less_one.back(), 0);
  --less_one.back();
  EXPECT_EQ(digest.value(), less_one);
}

TEST(ContentDigest, BorrowsThroughAllLimbs) {
  ContentDigest digest;
  digest.apply({.removed = packed("w.a. 60 A 192.0.2.1\n"), .added = {}});
  digest.apply({.removed = {}, .added = packed("w.a. 60 A 192.0.2.1\n")});
  EXPECT_EQ(digest.value(), Digest256{});
}

TEST(ContentDigest, RandomChangesGoBackExactly) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    Digest256 start;
    for (std::uint8_t& octet : start) {
      // Many 00 and ff octets, where carries and borrows run.
      octet = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : (random() % 2) * 255);
    }
    const Changeset change{.removed = packed(fmt::format("w.a. 60 A 192.0.2.{}\n", random() % 256)),
                           .added = packed(fmt::format("v.a. 60 A 192.0.2.{}\n", random() % 256))};
    ContentDigest digest(start);
    digest.apply(change);
    digest.apply(Changeset(change).inverted());
    ASSERT_EQ(digest.value(), start) << round;
  }
}

TEST(ContentDigest, OfAZoneIsTheSumOfItsRecords) {
  const ZonePtr zone = zone_of(packed(kZone));
  ASSERT_NE(zone, nullptr);
  EXPECT_EQ(content_digest_of(*zone).value(), digest_of(kZone));
}

TEST(ContentDigest, FollowsAChangeOfAZone) {
  const ZonePtr zone = zone_of(packed(kZone));
  const Changeset change{.removed = packed("ns.a. 300 A 192.0.2.2\n"),
                         .added = packed("x.a. 5 A 192.0.2.9\n")};
  const auto next = zone->apply(std::span(&change, 1), {});
  ASSERT_TRUE(next);
  ContentDigest digest = content_digest_of(*zone);
  digest.apply(change);
  EXPECT_EQ(digest, content_digest_of(**next));
}

}  // namespace
}  // namespace tandem
