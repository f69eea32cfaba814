#include "common/zone/arena.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/mman.h>

#include "common/base/check.h"

namespace tandem {
namespace {

constexpr std::size_t kSmallestChunk = 256;

std::size_t units_of(std::size_t octets) noexcept {
  return arena_octets_of(octets) / kArenaUnit;
}

}  // namespace

ArenaChunk::ArenaChunk(std::size_t capacity) : capacity_(capacity) {
  const bool full = capacity == kChunkOctets;
  const std::size_t alignment = full ? kChunkOctets : kArenaUnit * 2;
  void* const memory =  // NOLINT(cppcoreguidelines-owning-memory): octets_ owns it three lines on
      std::aligned_alloc(alignment, (capacity + alignment - 1) / alignment * alignment);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  if (full) {
    // One TLB entry for the chunk where the kernel gives huge pages; no harm where it does not.
    static_cast<void>(::madvise(memory, capacity, MADV_HUGEPAGE));
  }
  octets_.reset(static_cast<std::uint8_t*>(memory));
}

void ArenaChunk::Free::operator()(std::uint8_t* octets) const noexcept {
  std::free(octets);  // NOLINT(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory):
                      // aligned_alloc
}

Arena::Arena(std::size_t expected_octets)
    : table_(Ref<ArenaTable>::make()), expected_(expected_octets) {}

Arena::Blob Arena::allocate(std::size_t octets) {
  CHECK(octets <= kChunkOctets - kArenaUnit);
  const std::size_t units = units_of(octets);
  if (table_->chunks_.empty() || next_unit_ + units > last_units_) {
    add_chunk(octets);
  }
  const std::size_t chunk = table_->chunks_.size() - 1;
  const auto offset = static_cast<ArenaOffset>((chunk << kChunkUnitBits) | next_unit_);
  next_unit_ += units;
  used_.store(used_octets() + units * kArenaUnit, std::memory_order_relaxed);
  return {offset, {at(offset), octets}};
}

void Arena::fit() {
  if (next_unit_ == last_units_ || table_->chunks_.empty()) {
    return;
  }
  const Ref<ArenaChunk> fitting = Ref<ArenaChunk>::make(next_unit_ * kArenaUnit);
  std::memcpy(fitting->data(), table_->base_.back(), next_unit_ * kArenaUnit);
  table_->base_.back() = fitting->data();
  table_->chunks_.back() = fitting;
  last_units_ = next_unit_;
}

void Arena::add_chunk(std::size_t at_least) {
  const std::size_t before = table_->chunks_.size();
  CHECK(before < (std::size_t{1} << (32U - kChunkUnitBits)));
  // Offset 0 means "none", so the first unit of the first chunk is not used.
  const std::size_t reserved = before == 0 ? kArenaUnit : 0;
  std::size_t capacity = std::max(at_least + reserved, kSmallestChunk);
  const std::size_t used = used_octets();
  if (expected_ > used) {
    capacity = std::max(capacity, expected_ - used + reserved);
  } else if (before > 0) {
    // Grow with the zone, so that a small one stays small and a large one has few chunks.
    capacity = std::max(capacity, std::bit_ceil(used));
  }
  capacity = units_of(std::min(capacity, kChunkOctets)) * kArenaUnit;
  Ref<ArenaTable> next = Ref<ArenaTable>::make(*table_);
  next->chunks_.push_back(Ref<ArenaChunk>::make(capacity));
  next->base_.push_back(next->chunks_.back()->data());
  table_ = std::move(next);
  last_units_ = capacity / kArenaUnit;
  next_unit_ = reserved / kArenaUnit;
}

}  // namespace tandem
