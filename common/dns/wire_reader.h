// A bounds-checked cursor over one DNS message (or one rdata) with sticky failure: read, read,
// read, then ask once with ok(). After a failure every read gives zero or an empty span. Never
// allocates.
#pragma once

#include <algorithm>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/dns/name.h"

namespace tandem {

class WireReader {
 public:
  /// `message` is what compression pointers refer to; reading starts at `at`.
  explicit WireReader(OctetSpan message, std::size_t at = 0) noexcept
      : message_(message), at_(std::min(at, message.size())), end_(message.size()) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }

  [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }

  [[nodiscard]] std::size_t at() const noexcept { return at_; }

  [[nodiscard]] std::size_t left() const noexcept { return end_ - at_; }

  void set_failed() noexcept {
    ok_ = false;
    at_ = end_;
  }

  [[nodiscard]] std::uint8_t u8() noexcept { return integer<std::uint8_t>(); }

  [[nodiscard]] std::uint16_t u16() noexcept { return integer<std::uint16_t>(); }

  [[nodiscard]] std::uint32_t u32() noexcept { return integer<std::uint32_t>(); }

  [[nodiscard]] OctetSpan octets(std::size_t count) noexcept {
    if (count > left()) {
      set_failed();
      return {};
    }
    const OctetSpan out = message_.subspan(at_, count);
    at_ += count;
    return out;
  }

  [[nodiscard]] OctetSpan rest() noexcept { return octets(left()); }

  /// A name, compression followed (RFC 1035 s4.1.4). Pointers must go strictly backwards, so that
  /// no chain of them can loop; the part read here never leaves the reader's limit.
  [[nodiscard]] Name name() noexcept;
  /// A name in which a compression pointer is an error (RFC 3597 s4).
  [[nodiscard]] NameView plain_name() noexcept;

  /// A reader over the next `count` octets alone (compression pointers still reach the whole
  /// message); moves this one past them.
  [[nodiscard]] WireReader sub_reader(std::size_t count) noexcept;

 private:
  template <class T>
  [[nodiscard]] T integer() noexcept {
    if (sizeof(T) > left()) {
      set_failed();
      return 0;
    }
    const T value = load_be<T>(message_.data() + at_);
    at_ += sizeof(T);
    return value;
  }

  OctetSpan message_;
  std::size_t at_;
  std::size_t end_;
  bool ok_ = true;
};

}  // namespace tandem
