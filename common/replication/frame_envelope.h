// What all frames have in common: the outside, and how texts are written.
//
// The outside is one field, whose number is the kind. Looked at before protobuf makes
// objects of what is inside, so that few octets of a hostile peer do not become many objects.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace tandem {

struct FrameEnvelope {
  std::uint32_t kind = 0;  // field number in the oneof of Frame, link.proto
  OctetSpan body;          // the message of that kind; refers to the octets given
};

/// Fails: kCorrupt unless `octets` are one field with a message in it, within the limits of
/// frames.h.
Result<FrameEnvelope> open_envelope(OctetSpan octets);

[[nodiscard]] constexpr bool is_frame_octet(char c) noexcept {
  return c >= ' ' && c <= '~';
}

/// A text may quote what somebody else sent; the peer refuses anything but this.
[[nodiscard]] std::string frame_text(std::string_view text);

}  // namespace tandem
