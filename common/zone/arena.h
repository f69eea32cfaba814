// The octets of one zone's nodes and RRsets, addressed by 32-bit offsets instead of pointers.
//
// All versions of a zone append to the same chunks; a version never changes what an older one can
// reach, so a reader needs no lock. What versions no longer use stays as garbage until the zone is
// compacted into a new arena. Thread rule: who appends to an arena that others may append to holds
// growing(); any number read what a published version refers to.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "common/base/bytes.h"
#include "common/zone/ref.h"

namespace tandem {

/// Place of a blob: unit number. 0 is never handed out, so it can mean "none".
using ArenaOffset = std::uint32_t;

constexpr std::size_t kArenaUnit = 8;  // octets; every blob starts on a multiple
constexpr unsigned kChunkUnitBits = 18;
constexpr std::size_t kChunkOctets =
    (std::size_t{1} << kChunkUnitBits) * kArenaUnit;  // 2 MiB: a huge page

/// What a blob of `octets` octets takes.
[[nodiscard]] constexpr std::size_t arena_octets_of(std::size_t octets) noexcept {
  return (octets + kArenaUnit - 1) / kArenaUnit * kArenaUnit;
}

/// One contiguous piece of memory. Small zones have one small chunk, large ones many full ones.
class ArenaChunk : public RefCounted {
 public:
  explicit ArenaChunk(std::size_t capacity);

  [[nodiscard]] std::uint8_t* data() const noexcept { return octets_.get(); }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  struct Free {
    void operator()(std::uint8_t* octets) const noexcept;
  };

  std::size_t capacity_;
  std::unique_ptr<std::uint8_t, Free> octets_;
};

/// What a version of the zone needs to find blobs. Immutable but for Arena::fit(); a new one is
/// made when a chunk is added.
class ArenaTable : public RefCounted {
 public:
  [[nodiscard]] const std::uint8_t* at(ArenaOffset offset) const noexcept {
    return base_[offset >> kChunkUnitBits] +
           static_cast<std::size_t>(offset & ((1U << kChunkUnitBits) - 1)) * kArenaUnit;
  }

 private:
  friend class Arena;
  std::vector<const std::uint8_t*> base_;
  std::vector<Ref<ArenaChunk>> chunks_;
};

/// The appending side, shared by all versions of one zone.
class Arena {
 public:
  /// `expected_octets`: room for this many at once when it is known (a load), 0 for a small start.
  explicit Arena(std::size_t expected_octets = 0);

  /// Uninitialised room for one blob of `octets` octets. Fails only by std::bad_alloc.
  /// Requires: octets <= kChunkOctets.
  struct Blob {
    ArenaOffset offset;
    std::span<std::uint8_t> octets;
  };

  [[nodiscard]] Blob allocate(std::size_t octets);

  /// Held by whoever makes a next version.
  [[nodiscard]] std::mutex& growing() noexcept { return growing_; }

  /// Gives back what is left of the last chunk. Requires: nobody else has seen it yet.
  void fit();

  [[nodiscard]] const Ref<ArenaTable>& table() const noexcept { return table_; }

  [[nodiscard]] std::uint8_t* at(ArenaOffset offset) const noexcept {
    return const_cast<std::uint8_t*>(table_->at(offset));  // NOLINT: the arena owns the octets
  }

  /// Octets handed out so far, those included that no version uses any more.
  /// Any thread may ask.
  [[nodiscard]] std::size_t used_octets() const noexcept {
    return used_.load(std::memory_order_relaxed);  // a number to judge by, nothing hangs on it
  }

 private:
  void add_chunk(std::size_t at_least);

  Ref<ArenaTable> table_;
  std::size_t next_unit_ = 1;   // inside the last chunk
  std::size_t last_units_ = 0;  // capacity of the last chunk in units
  std::atomic<std::size_t> used_ = 0;
  std::size_t expected_;
  std::mutex growing_;
};

}  // namespace tandem
