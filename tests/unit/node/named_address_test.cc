// Named addresses as text, and the data of records that follow them.
#include "common/node/named_address.h"

#include <gtest/gtest.h>

#include "common/dns/rdata.h"

namespace tandem::test {
namespace {

const AddressBook kBook = {
    {"home4", "192.0.2.1"}, {"home6", "2001:db8:1:2::/64"}, {"host6", "2001:db8::7"}};

/// The data as text, or the error's code.
std::string followed(std::string_view use_text, RrType type) {
  const auto use = AddressUse::from_text(use_text);
  if (!use) {
    return "no use";
  }
  const auto rdata = followed_rdata(*use, type, kBook);
  return rdata                                   ? rdata_to_text(type, *rdata)
         : rdata.error().code == Errc::kNotFound ? "unknown"
                                                 : "does not fit";
}

TEST(AddressValue, IsKeptInOneForm) {
  const auto kept = [](std::string_view text) {
    const auto value = AddressValue::from_text(text);
    return value ? value->to_text() : value.error().detail;
  };
  EXPECT_EQ(kept("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(kept("2001:DB8:0:0::1"), "2001:db8::1");
  EXPECT_EQ(kept("2001:db8:1:2::/64"), "2001:db8:1:2::/64");
  EXPECT_EQ(kept("2001:db8:1:2::/63"), "2001:db8:1:2::/63");
  EXPECT_NE(kept("2001:db8:1:2::1/64").find("did you mean 2001:db8:1:2::/64?"), std::string::npos);
  for (const std::string_view bad :
       {"", "192.0.2.0/24", "192.0.2", "2001:db8::/0", "2001:db8::/128", "2001:db8::/x",
        "2001:db8::/6 4", "home", "fe80::1%eth0"}) {
    EXPECT_FALSE(AddressValue::from_text(bad)) << bad;
  }
}

TEST(FollowedRdata, IsTheAddressOrAHostOfThePrefix) {
  EXPECT_EQ(followed("home4", RrType::kA), "192.0.2.1");
  EXPECT_EQ(followed("host6", RrType::kAaaa), "2001:db8::7");
  EXPECT_EQ(followed("home6+::53", RrType::kAaaa), "2001:db8:1:2::53");
  EXPECT_EQ(followed("home6+::1:2:3:4", RrType::kAaaa), "2001:db8:1:2:1:2:3:4");
}

TEST(FollowedRdata, RefusesWhatDoesNotGoTogether) {
  EXPECT_EQ(followed("home4", RrType::kAaaa), "does not fit");
  EXPECT_EQ(followed("host6", RrType::kA), "does not fit");
  EXPECT_EQ(followed("home6", RrType::kAaaa), "does not fit") << "which host?";
  EXPECT_EQ(followed("host6+::1", RrType::kAaaa), "does not fit") << "it has no hosts";
  EXPECT_EQ(followed("home6+1::1", RrType::kAaaa), "does not fit")
      << "in front of the prefix's end";
  EXPECT_EQ(followed("away", RrType::kA), "unknown");
  EXPECT_EQ(followed("home6+x", RrType::kAaaa), "no use");
  EXPECT_EQ(followed("+::1", RrType::kAaaa), "no use");
}

TEST(UseOf, IsTheWayBack) {
  const auto use = [](const std::string& name, RrType type, std::string_view data) {
    const auto value = AddressValue::from_text(kBook.at(name));
    const auto found = use_of(name, *value, type, *rdata_from_text(type, data));
    return found ? found->to_text() : "";
  };
  EXPECT_EQ(use("home4", RrType::kA, "192.0.2.1"), "home4");
  EXPECT_EQ(use("home4", RrType::kA, "192.0.2.2"), "");
  EXPECT_EQ(use("home6", RrType::kAaaa, "2001:db8:1:2::5"), "home6+::5");
  EXPECT_EQ(use("home6", RrType::kAaaa, "2001:db8:1:3::5"), "");
  EXPECT_EQ(use("host6", RrType::kAaaa, "2001:db8::7"), "host6");
  EXPECT_EQ(use("home4", RrType::kTxt, "\"x\""), "");
}

}  // namespace
}  // namespace tandem::test
