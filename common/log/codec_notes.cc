#include "common/log/codec_notes.h"

#include <limits>
#include <utility>

namespace tandem {
namespace {

using Notes = google::protobuf::RepeatedPtrField<v1::RecordNote>;

void fill(v1::RecordNote& to, const RecordNote& from) {
  to.set_owner(std::string(as_text(from.owner.view().wire())));
  to.set_type(static_cast<std::uint32_t>(from.type));
  to.set_rdata(std::string(as_text(from.rdata)));
  to.set_comment(from.comment);
  to.set_expires_s(from.expires);
  to.set_disabled(from.disabled_ttl.has_value());
  to.set_ttl(from.disabled_ttl.value_or(0));
  to.set_address(from.address);
}

std::unexpected<Error> as_corrupt(std::string_view what, const Error& error) {
  return fail(Errc::kCorrupt, "{}: {}", what, error.detail);
}

Result<RecordNote> note_from(const v1::RecordNote& m) {
  TRYV(only_known_fields(m));
  const auto owner = Name::from_wire(as_octets(m.owner()));
  if (!owner || m.type() > std::numeric_limits<std::uint16_t>::max()) {
    return fail(Errc::kCorrupt, "a note is on no record: {}",
                owner ? "its type has more than 16 bits" : owner.error().detail);
  }
  RecordNote note{*owner,
                  static_cast<RrType>(m.type()),
                  to_octets(as_octets(m.rdata())),
                  m.comment(),
                  m.expires_s(),
                  std::nullopt,
                  m.address()};
  if (m.disabled()) {
    note.disabled_ttl = m.ttl();
  } else if (m.ttl() != 0) {
    return fail(Errc::kCorrupt, "a note has the TTL of a record that is not disabled");
  }
  return note;
}

Result<std::vector<RecordNote>> list_from(const Notes& messages) {
  std::vector<RecordNote> notes;
  notes.reserve(static_cast<std::size_t>(messages.size()));
  for (const v1::RecordNote& message : messages) {
    notes.push_back(TRY(note_from(message)));
  }
  return notes;
}

}  // namespace

void fill(v1::ZoneNotesChange& to, const ZoneNotesChange& from) {
  for (const RecordNote& note : from.removed) {
    fill(*to.add_removed(), note);
  }
  for (const RecordNote& note : from.added) {
    fill(*to.add_added(), note);
  }
}

void fill(v1::ZoneState& to, const NoteSet& from) {
  for (const NoteSet::Item& note : from.all()) {
    fill(*to.add_notes(), *note);
  }
}

Result<ChangeKind> notes_change_from(const v1::ZoneNotesChange& from) {
  TRYV(only_known_fields(from));
  return ZoneNotesChange{TRY(list_from(from.removed())), TRY(list_from(from.added()))};
}

Result<NoteSet> notes_from(const v1::ZoneState& from) {
  auto notes = NoteSet::from(TRY(list_from(from.notes())));
  if (!notes) {
    return as_corrupt("a zone's notes", notes.error());
  }
  return *std::move(notes);
}

}  // namespace tandem
