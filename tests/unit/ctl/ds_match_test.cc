// The examples of RFC 4034 s5.4 and RFC 6605 s6.
#include "ctl/ds_match.h"

#include <gtest/gtest.h>

#include "common/dns/rdata.h"

namespace tandem {
namespace {

Octets rdata(RrType type, std::string_view text) {
  return rdata_from_text(type, text).value();
}

Name name(std::string_view text) {
  return Name::from_text(text).value();
}

constexpr std::string_view kRsaKey =
    "256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdj"
    "MmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
constexpr std::string_view kCurveKey =
    "257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB"
    "+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40";

TEST(DsMatch, KeyTagsAreThoseOfTheExamples) {
  EXPECT_EQ(key_tag(rdata(RrType::kDnskey, kRsaKey)), 60485);
  EXPECT_EQ(key_tag(rdata(RrType::kDnskey, kCurveKey)), 10771);
}

TEST(DsMatch, ADigestIsOfTheNameAndTheKey) {
  const Octets key = rdata(RrType::kDnskey, kRsaKey);
  const Octets ds = rdata(RrType::kDs, "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118");
  EXPECT_TRUE(ds_names_key(name("dskey.example.com."), ds, key));
  EXPECT_TRUE(ds_names_key(name("DSkey.Example.com."), ds, key));
  EXPECT_FALSE(ds_names_key(name("other.example.com."), ds, key));
  EXPECT_FALSE(ds_names_key(name("dskey.example.com."), ds, rdata(RrType::kDnskey, kCurveKey)));
}

TEST(DsMatch, Sha384IsKnown) {
  const std::string digest =
      "72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df9"
      "83"
      "d6";
  const Octets key = rdata(RrType::kDnskey, kCurveKey);
  EXPECT_TRUE(ds_names_key(name("example.net."), rdata(RrType::kDs, "10771 14 4 " + digest), key));
  EXPECT_FALSE(ds_names_key(name("example.net."), rdata(RrType::kDs, "10771 13 4 " + digest), key));
  EXPECT_FALSE(ds_names_key(name("example.net."), rdata(RrType::kDs, "10772 14 4 " + digest), key));
}

TEST(DsMatch, ADigestOfAnUnknownTypeIsNotLookedAt) {
  const Octets key = rdata(RrType::kDnskey, kCurveKey);
  EXPECT_TRUE(ds_names_key(name("example.net."), rdata(RrType::kDs, "10771 14 250 00"), key));
  EXPECT_FALSE(ds_names_key(name("example.net."), rdata(RrType::kDs, "1 14 250 00"), key));
}

}  // namespace
}  // namespace tandem
