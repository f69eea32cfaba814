// The twelve octets in front of every message (RFC 1035 s4.1.1, RFC 2535 s6.1 for AD and CD).
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/dns/types.h"

namespace tandem {

constexpr std::size_t kHeaderOctets = 12;

/// Where the question's name stands: a pointer to it is C0 0C.
constexpr std::size_t kQuestionName = kHeaderOctets;

/// The largest message there is: over TCP, whose length has 16 bits (RFC 1035 s4.2.2).
constexpr std::size_t kMaxMessageOctets = 65535;

/// A compression pointer has 14 bits (RFC 1035 s4.1.4): what stands further back cannot be named.
constexpr std::size_t kPointerLimit = 0x4000;

// Bits of the third and fourth octet together, as one number in network order.
constexpr std::uint16_t kFlagQr = 0x8000;
constexpr std::uint16_t kFlagAa = 0x0400;
constexpr std::uint16_t kFlagTc = 0x0200;
constexpr std::uint16_t kFlagRd = 0x0100;
constexpr std::uint16_t kFlagRa = 0x0080;
constexpr std::uint16_t kFlagAd = 0x0020;
constexpr std::uint16_t kFlagCd = 0x0010;

struct Header {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;  // QR, opcode, AA, TC, RD, RA, Z, AD, CD, rcode
  std::uint16_t question_count = 0;
  std::uint16_t answer_count = 0;
  std::uint16_t authority_count = 0;
  std::uint16_t additional_count = 0;

  [[nodiscard]] bool is_response() const noexcept { return (flags & kFlagQr) != 0; }

  [[nodiscard]] Opcode opcode() const noexcept {
    return static_cast<Opcode>((flags >> 11U) & 0xfU);
  }

  [[nodiscard]] std::uint8_t rcode_bits() const noexcept {
    return static_cast<std::uint8_t>(flags & 0xfU);
  }
};

/// Requires: 12 readable octets.
[[nodiscard]] inline Header load_header(const std::uint8_t* from) noexcept {
  return {load_be16(from),     load_be16(from + 2), load_be16(from + 4),
          load_be16(from + 6), load_be16(from + 8), load_be16(from + 10)};
}

/// Requires: 12 writable octets.
inline void store_header(std::uint8_t* to, const Header& header) noexcept {
  store_be16(to, header.id);
  store_be16(to + 2, header.flags);
  store_be16(to + 4, header.question_count);
  store_be16(to + 6, header.answer_count);
  store_be16(to + 8, header.authority_count);
  store_be16(to + 10, header.additional_count);
}

}  // namespace tandem
