// What readers of protobuf messages share: the parts of codec.h, and the frames of the link.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include <google/protobuf/message.h>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace tandem {

/// A field that a later version added may say something that must not be passed over. Fails:
/// kRefused.
template <class Message>
Status only_known_fields(const Message& message) {
  if (!message.GetReflection()->GetUnknownFields(message).empty()) {
    return fail(
        Errc::kRefused,
        "the log has a field of a later version (in {}): upgrade this node, then it goes on "
        "from here",
        Message::descriptor()->name());
  }
  return {};
}

/// A field of exactly N octets. Fails: kCorrupt, with `what` it is.
template <std::size_t N>
Result<std::array<std::uint8_t, N>> fixed(std::string_view what, std::string_view bytes) {
  std::array<std::uint8_t, N> out;
  if (bytes.size() != N) {
    return fail(Errc::kCorrupt, "{} has {} octets, not {}", what, bytes.size(), N);
  }
  std::ranges::copy(as_octets(bytes), out.begin());
  return out;
}

template <class Id>
Result<Id> id_from(std::string_view what, std::string_view bytes) {
  return Id{TRY((fixed<16>(what, bytes)))};
}

}  // namespace tandem
