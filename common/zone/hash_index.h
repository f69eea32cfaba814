// From the hash of a name to the arena offset of its node: an extendible hash table that is a
// persistent value.
//
// A bucket is one cache line: 12 tags of 8 bits, compared together, and 12 offsets. A full bucket
// spills into the next one of its page and says so, so that a miss ends after one line nearly
// always. Pages split one at a time; copying the index shares all pages, changing a shared page
// copies it (2 KiB at most) and its path.
//
// Thread rule: a published index is immutable. Only the thread that made a copy may change that
// copy.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/bytes.h"
#include "common/zone/arena.h"
#include "common/zone/ref.h"

namespace tandem {

class HashIndex {
 public:
  static constexpr std::size_t kSlots = 12;

  struct alignas(64) Bucket {
    std::array<std::uint8_t, kSlots> tag{};
    std::array<ArenaOffset, kSlots> offset{};  // 0: free
    std::uint8_t spilled = 0;                  // a key whose home is here stands in a later bucket
  };

  static_assert(sizeof(Bucket) == 64);

  /// Hash of the node at an offset: needed when a page grows or splits.
  using Rehash = std::function<std::uint64_t(ArenaOffset)>;

  HashIndex() = default;
  /// Sized for `expected` keys.
  explicit HashIndex(std::size_t expected);

  /// The first offset under `hash` for which `matches(offset)` holds, or 0. Data plane.
  template <class Matches>
  [[nodiscard]] ArenaOffset find(std::uint64_t hash, Matches&& matches) const noexcept {
    const PageView page = page_of(hash);
    const auto tag = static_cast<std::uint8_t>(hash);
    std::size_t at = home_of(hash, page.bucket_count);
    for (std::size_t probes = 0; probes < page.bucket_count; ++probes) {
      const Bucket& bucket = page.buckets[at];
      for (std::uint32_t hits = tag_hits(bucket, tag); hits != 0; hits &= hits - 1) {
        const ArenaOffset offset = bucket.offset[static_cast<std::size_t>(std::countr_zero(hits))];
        if (offset != 0 && matches(offset)) {
          return offset;
        }
      }
      if (bucket.spilled == 0) {
        break;
      }
      at = at + 1 == page.bucket_count ? 0 : at + 1;
    }
    return 0;
  }

  /// Asks the memory for the line that find(hash) will look at first.
  void prefetch(std::uint64_t hash) const noexcept {
    const PageView page = page_of(hash);
    if (page.bucket_count != 0) {
      __builtin_prefetch(&page.buckets[home_of(hash, page.bucket_count)]);
    }
  }

  /// The offset that find(hash) will look at first; 0 when its first line has none.
  [[nodiscard]] ArenaOffset candidate(std::uint64_t hash) const noexcept {
    const PageView page = page_of(hash);
    if (page.bucket_count == 0) {
      return 0;
    }
    const Bucket& bucket = page.buckets[home_of(hash, page.bucket_count)];
    const std::uint32_t hits = tag_hits(bucket, static_cast<std::uint8_t>(hash));
    return hits == 0 ? 0 : bucket.offset[static_cast<std::size_t>(std::countr_zero(hits))];
  }

  /// Adds a key that is not there. `rehash` is called for keys already there when their page grows.
  void insert(std::uint64_t hash, ArenaOffset offset, const Rehash& rehash);
  /// Requires: `from` is there under `hash`.
  void replace(std::uint64_t hash, ArenaOffset from, ArenaOffset to);
  /// `rehash` is called for the keys that stay when their page is put in order again.
  void erase(std::uint64_t hash, ArenaOffset offset, const Rehash& rehash);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Octets of all pages, shared ones included.
  [[nodiscard]] std::size_t memory_octets() const noexcept;

 private:
  static constexpr std::size_t kMaxBuckets = 32;  // of a page: 2 KiB to copy for one change
  static constexpr unsigned kFanoutBits = 6;
  static constexpr std::size_t kFanout = 1U << kFanoutBits;
  static constexpr std::size_t kFullPercent = 85;   // a page grows or splits above this
  static constexpr std::size_t kBuildPercent = 75;  // and is built with this

  struct Page : RefCounted {
    Page(std::size_t bucket_count, unsigned page_depth)
        : depth(page_depth), buckets(bucket_count) {}

    unsigned depth;  // hash bits that all keys of the page share
    std::size_t used = 0;
    std::size_t erased = 0;  // since the marks of its buckets were last made anew
    std::vector<Bucket> buckets;
  };

  struct PageView {
    const Bucket* buckets = nullptr;
    std::size_t bucket_count = 0;
  };

  // 64 directory entries. What a lookup reads comes first.
  struct Chunk : RefCounted {
    std::array<PageView, kFanout> view{};
    std::array<Ref<Page>, kFanout> page;
  };

  struct Directory : RefCounted {
    unsigned depth = 0;  // the directory has 2^depth entries
    std::vector<Ref<Chunk>> chunks;
  };

  [[nodiscard]] static std::size_t home_of(std::uint64_t hash, std::size_t buckets) noexcept {
    const std::uint64_t middle = (hash >> 8U) & 0xffff'ffffU;
    return static_cast<std::size_t>((middle * buckets) >> 32U);
  }

  [[nodiscard]] static std::size_t entry_of(std::uint64_t hash, unsigned depth) noexcept {
    return static_cast<std::size_t>((hash >> 1U) >> (63U - depth));
  }

  /// One bit for each slot whose tag is `tag`, free slots (tag 0) included.
  [[nodiscard]] static std::uint32_t tag_hits(const Bucket& bucket, std::uint8_t tag) noexcept;

  [[nodiscard]] PageView page_of(std::uint64_t hash) const noexcept {
    if (!directory_) {
      return single_view_;
    }
    const std::size_t entry = entry_of(hash, directory_->depth);
    return directory_->chunks[entry >> kFanoutBits]->view[entry & (kFanout - 1)];
  }

  static void put(Page& page, std::uint64_t hash, ArenaOffset offset) noexcept;
  /// The page of `hash`, copied first when an older version shares it.
  [[nodiscard]] Page& writable_page(std::uint64_t hash);
  [[nodiscard]] const Ref<Page>& page_ref(std::uint64_t hash) const noexcept;

  /// The run of directory entries that lead to the page of `hash`.
  struct Entries {
    std::size_t first;
    std::size_t count;
  };

  [[nodiscard]] Entries entries_of(std::uint64_t hash) const noexcept;
  void set_page(std::size_t entry, const Ref<Page>& page);
  void set_pages(std::uint64_t hash, const Ref<Page>& page);
  static void tidy(Page& page, const Rehash& rehash);
  void make_room(std::uint64_t hash, const Rehash& rehash);
  void split(Page& page, std::uint64_t hash, const Rehash& rehash);
  void double_directory();
  [[nodiscard]] Chunk& writable_chunk(std::size_t chunk);

  // Small zones have one page and no directory.
  Ref<Page> single_;
  PageView single_view_;
  Ref<Directory> directory_;
  std::size_t size_ = 0;
};

inline std::uint32_t HashIndex::tag_hits(const Bucket& bucket, std::uint8_t tag) noexcept {
  // Exact "which octets are zero" on the difference, eight and four octets at a time.
  constexpr std::uint64_t kLow7 = 0x7f7f'7f7f'7f7f'7f7fU;
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101U;
  const auto zero_octets = [](std::uint64_t x) { return ~(((x & kLow7) + kLow7) | x | kLow7); };
  const auto gather = [](std::uint64_t high_bits) {
    // The eight high bits next to each other: octet i becomes bit i.
    return static_cast<std::uint32_t>(((high_bits >> 7U) * 0x0102'0408'1020'4080U) >> 56U);
  };
  const auto first = load_native<std::uint64_t>(bucket.tag.data()) ^ (kOnes * tag);
  const auto last = std::uint64_t{load_native<std::uint32_t>(bucket.tag.data() + 8)} ^
                    ((kOnes * tag) & 0xffff'ffffU);
  std::uint32_t hits = 0;
  if constexpr (std::endian::native == std::endian::little) {
    hits = gather(zero_octets(first)) | ((gather(zero_octets(last)) & 0xfU) << 8U);
  } else {
    for (std::size_t i = 0; i < kSlots; ++i) {
      hits |= bucket.tag[i] == tag ? 1U << i : 0U;
    }
  }
  return hits;
}

}  // namespace tandem
