// Writes a DNS message into a buffer of fixed size, with name compression (RFC 1035 s4.1.4). Sticky
// overflow, asked once with ok(); mark() and rollback() take back what did not fit. Never
// allocates. For the control plane and the tests: the answer path copies compiled octets instead
// (query/respond.h).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "common/base/bytes.h"
#include "common/dns/name.h"

namespace tandem {

class WireWriter {
 public:
  struct Mark {
    std::size_t at;
    std::size_t known;
  };

  explicit WireWriter(std::span<std::uint8_t> out) noexcept : out_(out) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }

  [[nodiscard]] std::size_t size() const noexcept { return at_; }

  [[nodiscard]] OctetSpan written() const noexcept { return out_.first(at_); }

  [[nodiscard]] Mark mark() const noexcept { return {at_, known_count_}; }

  void rollback(Mark to) noexcept {
    at_ = to.at;
    known_count_ = to.known;
    ok_ = true;
  }

  void u8(std::uint8_t value) noexcept { integer(value); }

  void u16(std::uint16_t value) noexcept { integer(value); }

  void u32(std::uint32_t value) noexcept { integer(value); }

  void octets(OctetSpan octets) noexcept;

  /// Overwrites two octets written before. Requires: at + 2 <= size().
  void patch_u16(std::size_t at, std::uint16_t value) noexcept {
    store_be16(out_.data() + at, value);
  }

  /// The longest suffix already in the message becomes a pointer; new suffixes are remembered.
  void compressed_name(NameView name) noexcept;

  void plain_name(NameView name) noexcept { octets(name.wire()); }

 private:
  static constexpr std::size_t kKnownNames =
      64;  // suffixes remembered; more are written out in full

  template <class T>
  void integer(T value) noexcept {
    if (out_.size() - at_ < sizeof(T)) {
      ok_ = false;
      return;
    }
    store_be(out_.data() + at_, value);
    at_ += sizeof(T);
  }

  [[nodiscard]] std::size_t find(NameView suffix) const noexcept;
  [[nodiscard]] bool name_at_equals(std::size_t at, NameView name) const noexcept;

  std::span<std::uint8_t> out_;
  std::size_t at_ = 0;
  bool ok_ = true;
  std::size_t known_count_ = 0;
  std::array<std::uint16_t, kKnownNames> known_{};  // message offsets where a suffix starts
};

}  // namespace tandem
