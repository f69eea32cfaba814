// Hash index, order index, arena, catalog, serials: each against a model from the standard library.
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "common/zone/catalog.h"
#include "common/zone/hash_index.h"
#include "common/zone/name_key.h"
#include "common/zone/node_draft.h"
#include "common/zone/order_index.h"
#include "common/zone/serial.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::name;
using test::zone;

std::uint64_t spread(std::uint32_t value) {
  return value * 0x9e37'79b9'7f4a'7c15U;
}

TEST(HashIndex, AgreesWithAMapOverRandomChangesAndKeepsOldVersions) {
  std::mt19937 random(3);
  HashIndex index;
  std::map<std::uint32_t, bool> model;
  const HashIndex::Rehash rehash = [](ArenaOffset offset) { return spread(offset); };
  const auto finds = [](const HashIndex& in, std::uint32_t value) {
    return in.find(spread(value), [&](ArenaOffset offset) { return offset == value; }) == value;
  };
  HashIndex before;
  std::map<std::uint32_t, bool> model_before;
  for (int step = 0; step < 60'000; ++step) {
    if (step == 30'000) {
      before = index;
      model_before = model;
    }
    const std::uint32_t value = 1 + random() % 20'000;
    if (model[value]) {
      index.erase(spread(value), value, rehash);
    } else {
      index.insert(spread(value), value, rehash);
    }
    model[value] = !model[value];
  }
  for (const auto& [value, there] : model) {
    ASSERT_EQ(finds(index, value), there) << value;
  }
  for (const auto& [value, there] : model_before) {
    ASSERT_EQ(finds(before, value), there) << value;
  }
}

TEST(HashIndex, AMissStaysCheapUnderChurn) {
  HashIndex index;
  const HashIndex::Rehash rehash = [](ArenaOffset offset) { return spread(offset); };
  constexpr std::uint32_t kKeys = 2'000;
  std::uint32_t next = 1;
  for (std::uint32_t i = 0; i < 200'000; ++i) {  // the youngest kKeys are there
    index.insert(spread(next), next, rehash);
    if (next > kKeys) {
      index.erase(spread(next - kKeys), next - kKeys, rehash);
    }
    ++next;
  }
  // A page walked to its end shows in how many tags agree by chance: one in 256.
  std::size_t looked_at = 0;
  constexpr std::uint32_t kMisses = 20'000;
  for (std::uint32_t i = 0; i < kMisses; ++i) {
    EXPECT_EQ(index.find(spread(next + i),
                         [&](ArenaOffset /*offset*/) {
                           ++looked_at;
                           return false;
                         }),
              0U);
  }
  EXPECT_LT(looked_at, kMisses / 4);
}

TEST(HashIndex, BuiltForManyFindsAllAndNothingElse) {
  HashIndex index(50'000);
  const HashIndex::Rehash rehash = [](ArenaOffset offset) { return spread(offset); };
  for (std::uint32_t value = 1; value <= 50'000; ++value) {
    index.insert(spread(value), value, rehash);
  }
  EXPECT_EQ(index.size(), 50'000U);
  for (std::uint32_t value = 1; value <= 60'000; ++value) {
    const auto found =
        index.find(spread(value), [&](ArenaOffset offset) { return offset == value; });
    ASSERT_EQ(found != 0, value <= 50'000);
  }
  EXPECT_LT(index.memory_octets(), 50'000U * 10U);
}

TEST(HashIndex, SurvivesManyKeysInOneBucket) {
  HashIndex index;
  // Equal in all bits that choose page and bucket; only the tag differs.
  const auto close = [](std::uint32_t value) { return std::uint64_t{value & 0xffU}; };
  const HashIndex::Rehash rehash = [&](ArenaOffset offset) { return close(offset); };
  for (std::uint32_t value = 1; value <= 200; ++value) {
    index.insert(close(value), value, rehash);
  }
  for (std::uint32_t value = 1; value <= 200; ++value) {
    EXPECT_EQ(index.find(close(value), [&](ArenaOffset offset) { return offset == value; }), value);
  }
}

/// Node blobs with names of one label, as the order index wants them.
class OrderFixture : public ::testing::Test {
 protected:
  ArenaOffset node(std::string_view label) {
    NodeDraft draft;
    draft.relative.push_back(static_cast<std::uint8_t>(label.size()));
    append(draft.relative, as_octets(label));
    draft.cased = draft.relative;
    return store_draft(draft, arena_);
  }

  [[nodiscard]] std::string label_at(const OrderIndex::Cursor& cursor) const {
    return std::string(as_text(NodeView(arena_.at(cursor.offset())).relative_name().subspan(1)));
  }

  [[nodiscard]] const ArenaTable& table() const { return *arena_.table(); }

  static Octets key(std::string_view label) {
    Octets out(1, static_cast<std::uint8_t>(label.size()));
    append(out, as_octets(label));
    return out;
  }

  Arena arena_;
};

TEST_F(OrderFixture, AgreesWithAMapOverRandomChangesAndKeepsOldVersions) {
  std::mt19937 random(5);
  OrderIndex index;
  std::map<std::string, ArenaOffset> model;
  OrderIndex before;
  std::map<std::string, ArenaOffset> model_before;
  for (int step = 0; step < 20'000; ++step) {
    if (step == 10'000) {
      before = index;
      model_before = model;
    }
    const std::string label = fmt::format("n{:04}", random() % 3000);
    if (model.contains(label) && random() % 2 == 0) {
      index.erase(table(), key(label));
      model.erase(label);
    } else {
      model[label] = node(label);
      index.put(table(), model[label]);
    }
  }
  const auto check = [](const OrderIndex& in, const std::map<std::string, ArenaOffset>& expected) {
    ASSERT_EQ(in.size(), expected.size());
    OrderIndex::Cursor cursor = in.first();
    for (const auto& [label, offset] : expected) {
      ASSERT_TRUE(cursor.valid());
      ASSERT_EQ(cursor.offset(), offset) << label;
      cursor.next();
    }
    EXPECT_FALSE(cursor.valid());
  };
  check(index, model);
  check(before, model_before);
}

TEST_F(OrderFixture, FindsNeighbours) {
  std::vector<ArenaOffset> sorted;
  for (int i = 0; i < 1000; ++i) {
    sorted.push_back(node(fmt::format("n{:04}", i * 2)));
  }
  const OrderIndex index(sorted);
  EXPECT_EQ(label_at(index.at_or_before(table(), key("n0100"))), "n0100");
  EXPECT_EQ(label_at(index.at_or_before(table(), key("n0101"))), "n0100");
  EXPECT_EQ(label_at(index.after(table(), key("n0100"))), "n0102");
  EXPECT_FALSE(index.at_or_before(table(), key("a")).valid());
  EXPECT_EQ(label_at(index.after(table(), key("a"))), "n0000");
  EXPECT_EQ(label_at(index.last()), "n1998");
  EXPECT_EQ(index.find(table(), key("n0003")), 0U);
}

TEST(RelativeProbe, ComparesAsTheWholeNamesDo) {
  std::mt19937 random(5);
  const auto below = [&random](std::size_t limit) { return random() % limit; };
  const auto random_name = [&] {
    Octets name;
    for (std::size_t labels = below(4); labels > 0; --labels) {
      const std::size_t octets = 1 + below(12);
      name.push_back(static_cast<std::uint8_t>(octets));
      for (std::size_t i = 0; i < octets;
           ++i) {  // few values, so that names are alike; 0 among them
        name.push_back(static_cast<std::uint8_t>(below(8) == 0 ? below(256) : below(2)));
      }
    }
    return name;
  };
  const auto sign = [](int order) { return (order > 0) - (order < 0); };
  for (int i = 0; i < 50'000; ++i) {
    const Octets a = random_name();
    const Octets b = random_name();
    ASSERT_EQ(sign(RelativeProbe(a).compare(b)), sign(compare_relative(a, b))) << i;
    ASSERT_EQ(RelativeProbe(a).compare(a), 0) << i;
  }
}

TEST(NameKey, HashesEverySuffixAsItselfAndWithoutCase) {
  const NameKey whole(name("WWW.Example.ORG."));
  EXPECT_EQ(whole.suffix_hash(2), hash_name(name("example.org.")));
  EXPECT_EQ(whole.hash(), hash_name(name("www.example.org.")));
  EXPECT_EQ(whole.suffix_hash(0), hash_name(name(".")));
  EXPECT_EQ(hash_relative(hash_name(name("org.")), as_octets("\3www\7example")), whole.hash());
  EXPECT_NE(hash_name(name("ab.c.")), hash_name(name("a.bc.")));
}

TEST(Catalog, FindsTheDeepestZone) {
  Catalog catalog;
  catalog.put({zone("", "org."), ServeState::kServing});
  catalog.put({zone("", "sub.example.org."), ServeState::kServing});
  const auto origin_for = [&](std::string_view text) -> std::string {
    const NameKey key(name(text));
    const CatalogEntry* const found = catalog.find(key, key.label_count());
    return found != nullptr ? found->zone->origin().to_text() : "";
  };
  EXPECT_EQ(origin_for("a.sub.example.org."), "sub.example.org.");
  EXPECT_EQ(origin_for("SUB.example.ORG."), "sub.example.org.");
  EXPECT_EQ(origin_for("example.org."), "org.");
  EXPECT_EQ(origin_for("example.net."), "");
  const Catalog before = catalog;
  catalog.erase(name("sub.example.org."));
  EXPECT_EQ(origin_for("a.sub.example.org."), "org.");
  const NameKey key(name("a.sub.example.org."));
  EXPECT_EQ(before.find(key, 4)->zone->origin().to_text(), "sub.example.org.");
}

TEST(Catalog, HoldsManyZones) {
  Catalog catalog;
  const auto some = zone("", "z.");
  for (int i = 0; i < 2000; ++i) {
    catalog.put({zone("", fmt::format("z{}.", i)), ServeState::kServing});
  }
  for (int i = 0; i < 2000; i += 2) {
    catalog.erase(name(fmt::format("z{}.", i)));
  }
  for (int i = 0; i < 2000; ++i) {
    const NameKey key(name(fmt::format("www.z{}.", i)));
    ASSERT_EQ(catalog.find(key, 2) != nullptr, i % 2 == 1) << i;
  }
}

TEST(Serial, ComparesByRfc1982) {
  EXPECT_TRUE(is_newer(1, 0));
  EXPECT_TRUE(is_newer(0, 0xffff'ffffU));
  EXPECT_FALSE(is_newer(5, 5));
  EXPECT_FALSE(is_newer(0, 0x8000'0000U));
  EXPECT_FALSE(is_newer(0x8000'0000U, 0));
}

TEST(Serial, NextIsAlwaysNewerWhateverThePolicy) {
  const WallTime now(std::chrono::sys_days{std::chrono::year{2026} / 11 / 22});
  EXPECT_EQ(next_serial(5, SerialPolicy::kIncrement, now), 6U);
  EXPECT_EQ(next_serial(0xffff'ffffU, SerialPolicy::kIncrement, now), 1U);
  EXPECT_EQ(next_serial(5, SerialPolicy::kDate, now), 2026112200U);
  EXPECT_EQ(next_serial(2026112200U, SerialPolicy::kDate, now), 2026112201U);
  EXPECT_EQ(next_serial(2026112399U, SerialPolicy::kDate, now), 2026112400U);
  EXPECT_EQ(next_serial(5, SerialPolicy::kUnixTime, now), 1795305600U);
  for (const Serial current : {0U, 1U, 0x7fff'ffffU, 0x8000'0000U, 0xffff'fffeU, 0xffff'ffffU}) {
    for (const auto policy :
         {SerialPolicy::kIncrement, SerialPolicy::kUnixTime, SerialPolicy::kDate}) {
      EXPECT_TRUE(is_newer(next_serial(current, policy, now), current));
    }
  }
}

}  // namespace
}  // namespace tandem
