#include "common/dns/wire_writer.h"

namespace tandem {
namespace {

constexpr std::size_t kPointerLimit = 0x4000;  // a pointer has 14 bits

}  // namespace

void WireWriter::octets(OctetSpan octets) noexcept {
  if (out_.size() - at_ < octets.size()) {
    ok_ = false;
    return;
  }
  if (!octets.empty()) {
    std::memcpy(out_.data() + at_, octets.data(), octets.size());
    at_ += octets.size();
  }
}

void WireWriter::compressed_name(NameView name) noexcept {
  NameView rest = name;
  while (!rest.is_root()) {
    if (const std::size_t seen = find(rest); seen != 0) {
      u16(static_cast<std::uint16_t>(0xc000U | seen));
      return;
    }
    if (at_ < kPointerLimit && known_count_ < kKnownNames) {
      known_[known_count_++] = static_cast<std::uint16_t>(at_);
    }
    octets(rest.wire().first(1U + rest.wire()[0]));
    rest = rest.parent();
  }
  u8(0);
}

std::size_t WireWriter::find(NameView suffix) const noexcept {
  for (std::size_t i = 0; i < known_count_; ++i) {
    if (name_at_equals(known_[i], suffix)) {
      return known_[i];
    }
  }
  return 0;
}

bool WireWriter::name_at_equals(std::size_t at, NameView name) const noexcept {
  // Names in known_ were written here, but an overflow may have cut the last one: stay below at_.
  NameView rest = name;
  while (at < at_) {
    const std::uint8_t length = out_[at];
    if ((length & 0xc0U) == 0xc0U) {
      if (at + 2 > at_) {
        return false;
      }
      at = load_be16(out_.data() + at) & 0x3fffU;
      continue;
    }
    if (rest.is_root() || length == 0) {
      return rest.is_root() && length == 0;
    }
    if (at + 1 + length > at_ || !equal_fold(OctetSpan(out_).subspan(at, 1U + length),
                                             rest.wire().first(1U + rest.wire()[0]))) {
      return false;
    }
    rest = rest.parent();
    at += 1U + length;
  }
  return false;
}

}  // namespace tandem
