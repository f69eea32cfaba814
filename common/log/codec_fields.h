// What the parts of codec.h share.
#pragma once

#include <google/protobuf/message.h>

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

}  // namespace tandem
