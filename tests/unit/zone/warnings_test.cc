#include "common/zone/warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::zone;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> warnings_of(std::string_view lines) {
  std::vector<std::string> warnings;
  append_zone_warnings(*zone(lines), warnings);
  return warnings;
}

TEST(Warnings, TellOfTargetsWithoutAddress) {
  EXPECT_THAT(warnings_of("@ MX 10 mail\n"),
              ElementsAre("example. MX: mail.example. has no address in this zone"));
  EXPECT_THAT(warnings_of("sub NS ns.sub\n"),
              ElementsAre("sub.example. NS: ns.sub.example. has no address in this zone"));
}

TEST(Warnings, TellOfTargetsThatAreAliases) {
  EXPECT_THAT(
      warnings_of("@ MX 10 mail\nmail CNAME www\nwww A 192.0.2.1\n"),
      ElementsAre(
          "example. MX: mail.example. is an alias (CNAME), which RFC 2181 s10.3 forbids here"));
}

TEST(Warnings, AreSilentWhereAllIsWell) {
  EXPECT_THAT(
      warnings_of(
          "@ MX 10 mail\nmail A 192.0.2.1\n@ MX 20 mx.elsewhere.net.\n"
          "sub NS ns.sub\nns.sub AAAA 2001:db8::1\n_x._tcp SRV 0 0 1 any.w\n*.w A 192.0.2.2\n"
          "sub2 NS ns.sub\n@ MX 30 m.sub\n@ MX 0 .\n"),
      IsEmpty());
}

}  // namespace
}  // namespace tandem
