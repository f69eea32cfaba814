#include "common/zone/record_buffer.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"

namespace tandem {

RecordBuffer::Place RecordBuffer::allocate(std::size_t octets) {
  CHECK(octets <= kMaxPiece);
  if (used_ + octets > capacity_) {
    add_block(octets);
  }
  const auto place = static_cast<Place>((std::size_t{current_} << kBlockBits) |
                                        std::exchange(used_, used_ + octets));
  hold(place);
  return place;
}

void RecordBuffer::add_block(std::size_t at_least) {
  CHECK(!is_full());
  const std::size_t octets =
      std::clamp(std::max(2 * capacity_, kFirstOctets), at_least, kBlockOctets);
  if (capacity_ > 0 && blocks_[current_].holds == 0) {
    free_block(current_);
  }
  if (gone_.empty()) {
    current_ = static_cast<std::uint32_t>(blocks_.size());
    blocks_.emplace_back();
  } else {
    current_ = gone_.back();
    gone_.pop_back();
  }
  // NOLINTNEXTLINE(modernize-avoid-c-arrays)
  blocks_[current_].octets = std::make_unique_for_overwrite<std::uint8_t[]>(octets);
  capacity_ = octets;
  used_ = 0;
}

void RecordBuffer::free_block(std::uint32_t number) {
  blocks_[number].octets = nullptr;
  gone_.push_back(number);
}

void RecordBuffer::release(Place place) {
  const std::uint32_t number = place >> kBlockBits;
  if (--blocks_[number].holds > 0) {
    return;
  }
  if (number == current_) {
    used_ = 0;
  } else {
    free_block(number);
  }
}

RecordBuffer::Place put_owner(RecordBuffer& buffer, OctetSpan lower, OctetSpan cased) {
  const bool has_upper = !equal(cased, lower);
  const RecordBuffer::Place owner = buffer.allocate(2 + cased.size() * (has_upper ? 2 : 1));
  std::uint8_t* const at = buffer.at(owner);
  at[0] = static_cast<std::uint8_t>(cased.size());
  at[1] = has_upper ? 1 : 0;
  std::uint8_t* const end = std::ranges::copy(lower, at + 2).out;
  if (has_upper) {
    std::ranges::copy(cased, end);
  }
  return owner;
}

RecordBuffer::Place put_record(RecordBuffer& buffer, const PackedRecord& record,
                               std::uint32_t place) {
  const RecordBuffer::Place at = buffer.allocate(kBufferedHead + record.rdata.size());
  std::uint8_t* const out = buffer.at(at);
  store_be32(out, place);
  store_be32(out + 4, record.ttl);
  store_be16(out + 8, number(record.type));
  store_be16(out + 10, static_cast<std::uint16_t>(record.rdata.size()));
  std::ranges::copy(record.rdata, out + kBufferedHead);
  return at;
}

}  // namespace tandem
