#include "common/node/entry_applier.h"

#include <algorithm>

#include "common/log/codec.h"

namespace tandem {

Status EntryApplier::apply(const EntriesFrame& frame) {
  Position position = log_.entries().head();
  if (frame.after != position) {
    return fail(Errc::kConflict, "entries after {} came while this node is at {}",
                frame.after.sequence, position.sequence);
  }
  TableDraft draft = log_.draft();
  std::vector<EncodedEntry> encoded;
  std::vector<SecretInfo> named;
  ImageGate::Use use;  // until the entries that name the images are there
  for (const Octets& octets : frame.entries) {
    DecodedEntry next = TRY(decode_after(position, octets));
    for (const Change& change : next.entry.changes) {
      TRYV(keep_what_goes(change, draft, use));
      if (const auto applied = draft.apply(change); !applied) {
        if (const auto* const replace = std::get_if<ZoneReplace>(&change.kind);
            replace != nullptr && replace->after) {
          receiver_.drop_if_corrupt(applied.error(), change.zone, *replace->after);
        }
        return in_context(fmt::format("entry {}", next.entry.sequence), applied.error());
      }
      if (const auto* const secret = std::get_if<SecretNamed>(&change.kind)) {
        named.push_back(secret->secret);
      }
    }
    TRYV(check_digests(next.entry, draft));
    position = position_after(position, next.encoded);
    encoded.push_back(std::move(next.encoded));
  }
  if (encoded.empty() || !encoded.back().group_end) {
    return fail(Errc::kCorrupt, "entries came that do not end with a whole group");
  }
  WriteBatch with;
  TRYV(receiver_.store_secrets(named, with));
  return log_.commit(encoded, draft, std::move(with));
}

bool replaces_zones(const EntriesFrame& frame) {
  return std::ranges::any_of(frame.entries, [](const Octets& octets) {
    const auto entry = decode_entry(octets);
    return entry && std::ranges::any_of(entry->changes, [](const Change& change) {
             return std::holds_alternative<ZoneReplace>(change.kind) ||
                    std::holds_alternative<ZoneDelete>(change.kind);
           });
  });
}

/// Writes the image of a content that the change takes away, as the leader did: whoever has the log
/// can bring it back, this node too should it lead one day.
Status EntryApplier::keep_what_goes(const Change& change, const TableDraft& draft,
                                    ImageGate::Use& use) {
  std::optional<ImageRef> image;
  if (const auto* const gone = std::get_if<ZoneDelete>(&change.kind)) {
    image = gone->last;
  } else if (const auto* const replace = std::get_if<ZoneReplace>(&change.kind)) {
    image = replace->before;
  }
  if (!image) {
    return {};
  }
  const ZoneRecordPtr record = draft.find(change.zone);
  if (record == nullptr || record->zone == nullptr ||
      record->digest.value() != image->content_digest) {
    return {};  // nothing to keep, or not what the leader had: check_digests() says so
  }
  if (!use.held()) {
    use = log_.images().use();
  }
  static_cast<void>(
      TRY(write_image(log_.store(), {log_.id(), record->id, image->content_digest}, record->zone)));
  return {};
}

Status EntryApplier::check_digests(const Entry& entry, const TableDraft& draft) const {
  for (const ZoneDigest& digest : entry.zone_digests) {
    const ZoneRecordPtr record = draft.find(digest.zone);
    if (record == nullptr || record->digest.value() != digest.content) {
      return fail(Errc::kCorrupt,
                  "entry {}: the zone {} has another content digest here than at the leader",
                  entry.sequence,
                  record != nullptr ? record->name.to_text() : digest.zone.to_text());
    }
  }
  return {};
}

}  // namespace tandem
