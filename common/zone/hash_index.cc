#include "common/zone/hash_index.h"

#include <algorithm>

#include "common/base/check.h"

namespace tandem {

HashIndex::HashIndex(std::size_t expected) {
  const std::size_t page_room = kMaxBuckets * kSlots * kBuildPercent / 100;
  const auto buckets_for = [](std::size_t keys) {
    const std::size_t slots = keys * 100 / kBuildPercent + 1;
    return std::clamp<std::size_t>((slots + kSlots - 1) / kSlots, 1, kMaxBuckets);
  };
  if (expected <= page_room) {
    if (expected > 0) {
      set_pages(0, Ref<Page>::make(buckets_for(expected), 0U));
    }
    return;
  }
  // Keys spread evenly but not exactly: leave the fullest pages some room.
  const std::size_t roomy = expected + expected / 16;
  const auto depth = static_cast<unsigned>(std::bit_width((roomy - 1) / page_room));
  directory_ = Ref<Directory>::make();
  directory_->depth = depth;
  const std::size_t entries = std::size_t{1} << depth;
  directory_->chunks.resize((entries + kFanout - 1) / kFanout);
  for (Ref<Chunk>& chunk : directory_->chunks) {
    chunk = Ref<Chunk>::make();
  }
  for (std::size_t entry = 0; entry < entries; ++entry) {
    set_page(entry, Ref<Page>::make(buckets_for(roomy / entries), depth));
  }
}

void HashIndex::put(Page& page, std::uint64_t hash, ArenaOffset offset) noexcept {
  const std::size_t count = page.buckets.size();
  std::size_t at = home_of(hash, count);
  while (true) {
    Bucket& bucket = page.buckets[at];
    auto* const free = std::ranges::find(bucket.offset, ArenaOffset{0});
    if (free != bucket.offset.end()) {
      bucket.tag[static_cast<std::size_t>(free - bucket.offset.begin())] =
          static_cast<std::uint8_t>(hash);
      *free = offset;
      ++page.used;
      return;
    }
    bucket.spilled = 1;
    at = at + 1 == count ? 0 : at + 1;
  }
}

void HashIndex::insert(std::uint64_t hash, ArenaOffset offset, const Rehash& rehash) {
  if (!single_ && !directory_) {
    set_pages(hash, Ref<Page>::make(1U, 0U));
  }
  make_room(hash, rehash);
  put(writable_page(hash), hash, offset);
  ++size_;
}

void HashIndex::replace(std::uint64_t hash, ArenaOffset from, ArenaOffset to) {
  Page& page = writable_page(hash);
  std::size_t at = home_of(hash, page.buckets.size());
  while (true) {
    Bucket& bucket = page.buckets[at];
    auto* const found = std::ranges::find(bucket.offset, from);
    if (found != bucket.offset.end()) {
      *found = to;
      return;
    }
    CHECK(bucket.spilled != 0);
    at = at + 1 == page.buckets.size() ? 0 : at + 1;
  }
}

void HashIndex::erase(std::uint64_t hash, ArenaOffset offset, const Rehash& rehash) {
  // A free slot in the middle of a spilled run is fine: lookups follow the marks, not the
  // occupation.
  replace(hash, offset, 0);
  Page& page = writable_page(hash);
  --page.used;
  --size_;
  // But marks only ever come, and where all buckets have one a miss walks the whole page.
  if (++page.erased > page.buckets.size() * kSlots / 2) {
    tidy(page, rehash);
  }
}

void HashIndex::tidy(Page& page, const Rehash& rehash) {
  const std::vector<Bucket> before(page.buckets);
  // In place: views of the page stay good.
  std::ranges::fill(page.buckets, Bucket{});
  page.used = 0;
  page.erased = 0;
  for (const Bucket& bucket : before) {
    for (const ArenaOffset offset : bucket.offset) {
      if (offset != 0) {
        put(page, rehash(offset), offset);
      }
    }
  }
}

HashIndex::Chunk& HashIndex::writable_chunk(std::size_t chunk) {
  if (!directory_.unique()) {
    directory_ = Ref<Directory>::make(*directory_);
  }
  Ref<Chunk>& place = directory_->chunks[chunk];
  if (!place.unique()) {
    place = Ref<Chunk>::make(*place);
  }
  return *place;
}

void HashIndex::set_page(std::size_t entry, const Ref<Page>& page) {
  Chunk& chunk = writable_chunk(entry >> kFanoutBits);
  const std::size_t slot = entry & (kFanout - 1);
  chunk.view[slot] = {page->buckets.data(), page->buckets.size()};
  chunk.page[slot] = page;
}

HashIndex::Page& HashIndex::writable_page(std::uint64_t hash) {
  if (!directory_) {
    if (!single_.unique()) {
      set_pages(hash, Ref<Page>::make(*single_));
    }
    return *single_;
  }
  const auto [first, count] = entries_of(hash);
  for (std::size_t entry = first; entry < first + count; entry += kFanout) {
    static_cast<void>(writable_chunk(entry >> kFanoutBits));
  }
  const Ref<Page>& page = directory_->chunks[first >> kFanoutBits]->page[first & (kFanout - 1)];
  if (page.references() != count) {  // an older version of the index shares it
    set_pages(hash, Ref<Page>::make(*page));
  }
  return *page;
}

const Ref<HashIndex::Page>& HashIndex::page_ref(std::uint64_t hash) const noexcept {
  if (!directory_) {
    return single_;
  }
  const std::size_t entry = entry_of(hash, directory_->depth);
  return directory_->chunks[entry >> kFanoutBits]->page[entry & (kFanout - 1)];
}

HashIndex::Entries HashIndex::entries_of(std::uint64_t hash) const noexcept {
  const unsigned spare = directory_->depth - page_ref(hash)->depth;
  return {(entry_of(hash, directory_->depth) >> spare) << spare, std::size_t{1} << spare};
}

void HashIndex::set_pages(std::uint64_t hash, const Ref<Page>& page) {
  if (!directory_) {
    single_ = page;
    single_view_ = {page->buckets.data(), page->buckets.size()};
    return;
  }
  const auto [first, count] = entries_of(hash);
  for (std::size_t entry = first; entry < first + count; ++entry) {
    set_page(entry, page);
  }
}

void HashIndex::make_room(std::uint64_t hash, const Rehash& rehash) {
  while (true) {
    const Ref<Page> page = page_ref(hash);
    const std::size_t buckets = page->buckets.size();
    if ((page->used + 1) * 100 <= buckets * kSlots * kFullPercent) {
      return;
    }
    if (buckets >= kMaxBuckets) {
      split(*page, hash, rehash);
      continue;
    }
    const Ref<Page> larger =
        Ref<Page>::make(std::min(kMaxBuckets, buckets + (buckets + 1) / 2), page->depth);
    for (const Bucket& bucket : page->buckets) {
      for (const ArenaOffset offset : bucket.offset) {
        if (offset != 0) {
          put(*larger, rehash(offset), offset);
        }
      }
    }
    set_pages(hash, larger);
  }
}

void HashIndex::split(Page& page, std::uint64_t hash, const Rehash& rehash) {
  const unsigned depth = page.depth + 1;
  CHECK(depth < 40);  // more equal leading bits than that means the hash is not one
  const std::array<Ref<Page>, 2> half = {Ref<Page>::make(kMaxBuckets / 2 + 2, depth),
                                         Ref<Page>::make(kMaxBuckets / 2 + 2, depth)};
  std::array<std::size_t, 2> keys{};
  std::vector<std::pair<std::uint64_t, ArenaOffset>> moved;
  moved.reserve(page.used);
  for (const Bucket& bucket : page.buckets) {
    for (const ArenaOffset offset : bucket.offset) {
      if (offset != 0) {
        moved.emplace_back(rehash(offset), offset);
        ++keys[entry_of(moved.back().first, depth) & 1U];
      }
    }
  }
  for (std::size_t i = 0; i < 2; ++i) {
    if (keys[i] * 100 > half[i]->buckets.size() * kSlots * kFullPercent) {
      half[i]->buckets.resize(kMaxBuckets);
    }
  }
  for (const auto& [key, offset] : moved) {
    put(*half[entry_of(key, depth) & 1U], key, offset);
  }
  if (!directory_) {
    directory_ = Ref<Directory>::make();
    directory_->chunks.push_back(Ref<Chunk>::make());
    set_page(0, single_);
    single_ = Ref<Page>();
    single_view_ = {};
  }
  while (directory_->depth < depth) {
    double_directory();
  }
  const unsigned spare = directory_->depth - depth;
  const std::size_t first = ((entry_of(hash, directory_->depth) >> spare) & ~std::size_t{1})
                            << spare;
  for (std::size_t i = 0; i < (std::size_t{2} << spare); ++i) {
    set_page(first + i, half[i >> spare]);
  }
}

void HashIndex::double_directory() {
  Ref<Directory> next = Ref<Directory>::make();
  next->depth = directory_->depth + 1;
  const std::size_t entries = std::size_t{1} << next->depth;
  next->chunks.resize((entries + kFanout - 1) / kFanout);
  for (std::size_t entry = 0; entry < entries; ++entry) {
    Ref<Chunk>& chunk = next->chunks[entry >> kFanoutBits];
    if (!chunk) {
      chunk = Ref<Chunk>::make();
    }
    const Chunk& from = *directory_->chunks[(entry / 2) >> kFanoutBits];
    chunk->view[entry & (kFanout - 1)] = from.view[(entry / 2) & (kFanout - 1)];
    chunk->page[entry & (kFanout - 1)] = from.page[(entry / 2) & (kFanout - 1)];
  }
  directory_ = std::move(next);
}

std::size_t HashIndex::memory_octets() const noexcept {
  if (!directory_) {
    return single_ ? sizeof(Page) + single_->buckets.size() * sizeof(Bucket) : 0;
  }
  std::size_t octets = directory_->chunks.size() * sizeof(Chunk);
  const Page* last = nullptr;
  for (const Ref<Chunk>& chunk : directory_->chunks) {
    for (const Ref<Page>& page : chunk->page) {
      if (page && page.get() != last) {
        last = page.get();
        octets += sizeof(Page) + page->buckets.size() * sizeof(Bucket);
      }
    }
  }
  return octets;
}

}  // namespace tandem
