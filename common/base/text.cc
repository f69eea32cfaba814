#include "common/base/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"

namespace tandem {

bool is_utf8(std::string_view text) noexcept {
  const OctetSpan octets = as_octets(text);
  for (std::size_t at = 0; at < octets.size();) {
    const std::uint8_t lead = octets[at];
    if (lead < 0x80) {
      ++at;
      continue;
    }
    if (lead < 0xc2 || lead > 0xf4) {
      return false;
    }
    const std::size_t more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (octets.size() - at <= more) {
      return false;
    }
    const std::uint8_t second = octets[at + 1];
    const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const bool surrogate = lead == 0xed && second > 0x9f;
    const bool beyond = lead == 0xf4 && second > 0x8f;
    if (overlong || surrogate || beyond) {
      return false;
    }
    const OctetSpan tail = octets.subspan(at + 1, more);
    if (!std::ranges::all_of(tail, [](std::uint8_t o) { return (o & 0xc0U) == 0x80; })) {
      return false;
    }
    at += 1 + more;
  }
  return true;
}

bool is_printable(std::string_view text) noexcept {
  if (!is_utf8(text)) {
    return false;
  }
  std::uint8_t before = 0;
  for (const std::uint8_t octet : as_octets(text)) {
    const bool is_upper_control = before == 0xc2 && octet < 0xa0;  // two octets from U+0080 on
    if (octet < ' ' || octet == 0x7f || is_upper_control) {
      return false;
    }
    before = octet;
  }
  return true;
}

}  // namespace tandem
