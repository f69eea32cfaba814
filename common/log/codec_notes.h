// The part of codec.h that is about records' notes and named addresses: messages of log.proto from
// and to values.
#pragma once

#include <string_view>

#include <google/protobuf/message.h>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "proto/tandem/v1/log.pb.h"

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

void fill(v1::ZoneNotesChange& to, const ZoneNotesChange& from);
void fill(v1::AddressChange& to, const AddressChange& from);
void fill(v1::ZoneState& to, const NoteSet& from);
void fill(v1::LogState& to, const std::vector<NamedAddress>& from);

// All fail: kCorrupt for what is no such thing, kRefused for what a later version wrote.
Result<ChangeKind> notes_change_from(const v1::ZoneNotesChange& from);
Result<ChangeKind> address_change_from(const v1::AddressChange& from);
Result<NoteSet> notes_from(const v1::ZoneState& from);
/// Ascending by name.
Result<std::vector<NamedAddress>> addresses_from(const v1::LogState& from);

}  // namespace tandem
