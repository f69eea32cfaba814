#include "common/zone/rr_pack.h"

#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::name;
using test::packed;

std::size_t count_of(OctetSpan octets, bool& ok) {
  RrUnpacker records(octets);
  std::size_t count = 0;
  while (records.next()) {
    ++count;
  }
  ok = records.ok();
  return count;
}

TEST(RrPack, SharesOneHeadPerRrset) {
  const Octets one = packed("a A 192.0.2.1\n");
  const Octets two = packed("a A 192.0.2.1\na A 192.0.2.2\n");
  EXPECT_EQ(two.size() - one.size(), 6U);
  bool ok = false;
  EXPECT_EQ(count_of(two, ok), 2U);
  EXPECT_TRUE(ok);
}

TEST(RrPack, NoticesEveryCut) {
  const Octets whole = packed("a A 192.0.2.1\na A 192.0.2.2\nb TXT \"x\"\n");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    bool ok = true;
    static_cast<void>(count_of(OctetSpan(whole).first(size), ok));
    const bool at_boundary = size == packed("a A 192.0.2.1\na A 192.0.2.2\n").size();
    EXPECT_EQ(ok, at_boundary) << size;
  }
}

TEST(RrPack, ValidatesWhatComesFromOutside) {
  EXPECT_TRUE(validate_packed(packed("a A 192.0.2.1\n"), name("example.")).has_value());
  EXPECT_FALSE(validate_packed(packed("a A 192.0.2.1\n"), name("other.")).has_value());
  Octets bad = packed("a A 192.0.2.1\n");
  bad.pop_back();
  EXPECT_FALSE(validate_packed(bad, name("example.")).has_value());
  Octets meta = packed("a TYPE1234 \\# 1 00\n");
  store_be16(meta.data() + name("a.example.").size(), 255);
  EXPECT_FALSE(validate_packed(meta, name("example.")).has_value());
}

}  // namespace
}  // namespace tandem
