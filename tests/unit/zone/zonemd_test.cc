// ZONEMD (RFC 8976): the RFC's zones, and what is no proof.
#include "common/zone/zonemd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSimple =
    "@ 86400 SOA ns1 admin 2018031900 1800 900 604800 86400\n@ 86400 NS ns1\n@ 86400 NS ns2\n"
    "ns1 3600 A 203.0.113.63\nns2 3600 AAAA 2001:db8::63\n";
constexpr std::string_view kSimpleSha384 =
    "c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e73004"
    "4c";

/// The zone with one ZONEMD record for each of `records`.
ZonePtr zone_with(std::string_view text, const std::vector<std::string>& records) {
  std::string all(text);
  for (const std::string& record : records) {
    all += "@ 86400 ZONEMD " + record + "\n";
  }
  return test::build(all).zone;
}

std::string error_of(const std::vector<std::string>& records) {
  const Status checked = check_zonemd(*zone_with(kSimple, records));
  if (checked) {
    return "good";
  }
  EXPECT_EQ(checked.error().code, Errc::kCorrupt);
  return checked.error().detail;
}

std::string record(std::string_view serial, std::string_view numbers, std::string_view digest) {
  return fmt::format("{} {} {}", serial, numbers, digest);
}

TEST(Zonemd, IsThatOfRfc8976AppendixA1) {
  const ZonePtr zone = zone_with(kSimple, {record("2018031900", "1 1", kSimpleSha384)});
  EXPECT_EQ(to_hex(zonemd_simple(*zone, ZonemdHash::kSha384)), kSimpleSha384);
  EXPECT_TRUE(check_zonemd(*zone));
}

TEST(Zonemd, IsThatOfRfc8976AppendixA2) {
  const ZonePtr zone = zone_with(
      "@ 86400 SOA ns1 admin 2018031900 1800 900 604800 86400\n@ 86400 NS ns1\n@ 86400 NS ns2\n"
      "ns1 3600 A 203.0.113.63\nNS2 3600 AAAA 2001:db8::63\n"
      "occluded.sub 7200 TXT \"I'm occluded but must be digested\"\nsub 7200 NS ns1\n"
      "duplicate 300 TXT \"I must be digested just once\"\n"
      "duplicate 300 TXT \"I must be digested just once\"\n"
      "UPPERCASE 3600 TXT \"canonicalize uppercase owner names\"\n"
      "* 777 PTR dont-forget-about-wildcards\nmail 3600 MX 20 MAIL1\nmail 3600 MX 10 "
      "Mail2.Example.\nsortme 3600 AAAA 2001:db8::5:61\nsortme 3600 AAAA 2001:db8::3:62\n"
      "sortme 3600 AAAA 2001:db8::4:63\nsortme 3600 AAAA 2001:db8::1:65\n"
      "sortme 3600 AAAA 2001:db8::2:64\n"
      "non-apex 900 ZONEMD 2018031900 1 1 616c6c6f776564206275742069676e6f7265642e20616c6c6f776564"
      "2062757420"
      "69676e6f7265642e20616c6c6f7765\n",
      {});
  EXPECT_EQ(
      to_hex(zonemd_simple(*zone, ZonemdHash::kSha384)),
      "a3b69bad980a3504e1cffcb0fd6397f93848071c93151f552ae2f6b1711d4bd2d8b39808226d7b9db71e34b720"
      "77f8fe");
}

TEST(Zonemd, IsThatOfRfc8976AppendixA3) {
  const ZonePtr zone = zone_with(
      "@ 86400 SOA ns1 admin 2018031900 1800 900 604800 86400\n@ 86400 NS ns1\n@ 86400 NS ns2\n"
      "ns1 3600 A 203.0.113.63\nns2 86400 TXT \"This example has multiple digests\"\n"
      "NS2 3600 AAAA 2001:db8::63\n",
      {});
  EXPECT_EQ(
      to_hex(zonemd_simple(*zone, ZonemdHash::kSha384)),
      "62e6cf51b02e54b9b5f967d547ce43136792901f9f88e637493daaf401c92c279dd10f0edb1c56f8080211f848"
      "0ee306");
  EXPECT_EQ(
      to_hex(zonemd_simple(*zone, ZonemdHash::kSha512)),
      "08cfa1115c7b948c4163a901270395ea226a930cd2cbcf2fa9a5e6eb85f37c8a4e114d884e66f176eab121cb02"
      "db7d652e0cc4827e7a3204f166b47e5613fd27");
}

TEST(Zonemd, SaysNothingWhereThereIsNoneThatIsKnown) {
  EXPECT_EQ(error_of({}), "good");
  EXPECT_EQ(error_of({record("2018031900", "1 240", "e2d523f654b9422a96c5a8f44607bbee")}), "good");
  EXPECT_EQ(error_of({record("2018031900", "240 1", std::string(96, '0'))}), "good");
}

TEST(Zonemd, OneThatFitsIsEnough) {
  EXPECT_EQ(error_of({record("2018031900", "1 1", kSimpleSha384),
                      record("2018031900", "1 2", std::string(128, '0'))}),
            "good");
}

TEST(Zonemd, IsNoProofWhenItDoesNotFit) {
  EXPECT_EQ(error_of({record("2018031900", "1 1", std::string(96, '0'))}),
            "example. is not what its ZONEMD record says: the zone has another digest");
  EXPECT_THAT(error_of({record("2018031900", "1 2", std::string(128, '0'))}),
              HasSubstr("another digest"));
  EXPECT_THAT(error_of({record("2018031899", "1 1", kSimpleSha384)}),
              HasSubstr("of serial 2018031899, the zone has 2018031900"));
  EXPECT_THAT(error_of({record("2018031900", "1 1", kSimpleSha384),
                        record("2018031900", "1 1", std::string(96, '0'))}),
              HasSubstr("two with scheme 1 and hash algorithm 1"));
}

}  // namespace
}  // namespace tandem
