// Messages over TCP, each behind its length (RFC 1035 s4.2.2).
#pragma once

#include "common/base/bytes.h"

namespace tandem::bench {

inline void append_framed(Octets& out, OctetSpan message) {
  append_be(out, static_cast<std::uint16_t>(message.size()));
  append(out, message);
}

/// Calls visit(message) for each whole message at the front of `in`. Returns the octets that they
/// take with their lengths.
template <class Visit>
std::size_t each_message(OctetSpan in, Visit&& visit) {
  std::size_t at = 0;
  while (in.size() - at >= 2 && in.size() - at - 2 >= load_be16(in.data() + at)) {
    const std::size_t octets = load_be16(in.data() + at);
    visit(in.subspan(at + 2, octets));
    at += 2 + octets;
  }
  return at;
}

}  // namespace tandem::bench
