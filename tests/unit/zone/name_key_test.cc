// The hashes of a name's suffixes: one pass must give what label by label gives.
#include "common/zone/name_key.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

Name name_of(const std::string& text) {
  return Name::from_text(text).value();
}

TEST(NameKey, HashesEverySuffixAsItsOwnNameIsHashed) {
  for (std::size_t size = 1; size <= kMaxLabelOctets; ++size) {
    const Name name =
        name_of(std::string(size, 'x') + ".middle." + std::string(64 - size, 'y') + ".example.");
    const NameKey key(name);
    ASSERT_EQ(key.label_count(), 4U);
    for (std::size_t labels = 0; labels <= key.label_count(); ++labels) {
      EXPECT_EQ(key.suffix_hash(labels), hash_name(key.suffix(labels))) << size << ' ' << labels;
    }
  }
}

TEST(NameKey, HashesALabelTheSameWithAndWithoutRoomBehindIt) {
  const HashKey& key = process_hash_key();
  std::array<std::uint8_t, 80> octets;
  for (std::size_t size = 1; size <= 64; ++size) {
    octets.fill(0xff);  // what stands behind the label must not matter
    std::fill_n(octets.begin(), size, static_cast<std::uint8_t>(size));
    EXPECT_EQ(hash_padded_label(key, 7, octets.data(), size),
              hash_label(key, 7, OctetSpan(octets).first(size)))
        << size;
  }
}

TEST(NameKey, KnowsNoCase) {
  EXPECT_EQ(hash_name(name_of("WWW.Example.")), hash_name(name_of("www.eXAMPLE.")));
  EXPECT_NE(hash_name(name_of("www.example.")), hash_name(name_of("wwx.example.")));
  EXPECT_NE(hash_name(name_of("ab.c.")), hash_name(name_of("a.bc.")));
}

TEST(NameKey, ARelativeNameBelowASuffixIsTheWholeName) {
  const NameKey key(name_of("a.bc.def.example."));
  const OctetSpan relative = key.name().wire().first(key.size() - key.suffix_octets(1));
  EXPECT_EQ(hash_relative(key.suffix_hash(1), relative), key.hash());
}

}  // namespace
}  // namespace tandem
