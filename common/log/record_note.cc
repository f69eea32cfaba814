#include "common/log/record_note.h"

#include <algorithm>
#include <compare>
#include <tuple>
#include <utility>

#include "common/base/text.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999
constexpr std::uint32_t kMaxTtl = 0x7fff'ffff;         // RFC 2181 s8
constexpr std::size_t kMaxAddressOctets = 128;

std::string record_name(const RecordNote& note) {
  return fmt::format("the note on {} {}", note.owner.to_text(), to_text(note.type));
}

int compare(NameView owner, RrType type, const RecordNote& note) {
  const auto order = owner <=> note.owner.view();
  if (order != 0) {
    return order < 0 ? -1 : 1;
  }
  return type == note.type ? 0 : type < note.type ? -1 : 1;
}

}  // namespace

std::size_t RecordNote::octets() const noexcept {
  constexpr std::size_t kFrame = 32;  // numbers and lengths
  return kFrame + owner.view().size() + rdata.size() + comment.size() + address.size();
}

int compare_records(const RecordNote& a, const RecordNote& b) {
  const int order = compare(a.owner, a.type, b);
  return order != 0 ? order : compare_rdata(a.type, a.rdata, b.rdata);
}

Status check_address_name(std::string_view name) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_inner = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (name.empty() || name.size() > kMaxAddressNameOctets || !is_letter(name.front()) ||
      !std::ranges::all_of(name, is_inner)) {
    return fail(Errc::kInvalid,
                "the name of an address is a small letter and then small letters, digits, - and _, "
                "{} at most",
                kMaxAddressNameOctets);
  }
  return {};
}

Status check_note(const RecordNote& note) {
  if (is_meta_type(note.type)) {
    return fail(Errc::kInvalid, "{}: this is no type that a zone holds", record_name(note));
  }
  if (const Status valid = validate_rdata(note.type, note.rdata); !valid) {
    return in_context(record_name(note), valid.error());
  }
  if (note.is_empty()) {
    return fail(Errc::kInvalid, "{} says nothing", record_name(note));
  }
  if (note.comment.size() > kMaxCommentOctets ||
      (!note.comment.empty() && !is_printable(note.comment))) {
    return fail(Errc::kInvalid, "{}: a comment is one line of UTF-8 of at most {} octets",
                record_name(note), kMaxCommentOctets);
  }
  if (note.expires < 0 || note.expires > kLastSecond) {
    return fail(Errc::kInvalid, "{}: expires before 1970 or after 9999", record_name(note));
  }
  if (note.disabled_ttl.value_or(0) > kMaxTtl) {
    return fail(Errc::kInvalid, "{}: a TTL has 31 bits", record_name(note));
  }
  if (note.address.size() > kMaxAddressOctets ||
      (!note.address.empty() &&
       !check_address_name(note.address.substr(0, note.address.find('+'))))) {
    return fail(Errc::kInvalid, "{}: this names no address", record_name(note));
  }
  return {};
}

Result<NoteSet> NoteSet::made_of(std::vector<Item> items) {
  auto notes = std::make_shared<Notes>();
  std::size_t octets = 0;
  for (const Item& item : items) {
    octets += item->octets();
    if (item->expires != 0 && (notes->next_expiry == 0 || item->expires < notes->next_expiry)) {
      notes->next_expiry = item->expires;
    }
  }
  if (octets > kMaxNoteSetOctets) {
    return fail(Errc::kTooLarge,
                "{} notes with {} octets, those of a zone have at most {} together: delete "
                "comments, or records that are disabled",
                items.size(), octets, kMaxNoteSetOctets);
  }
  NoteSet set;
  if (!items.empty()) {
    notes->items = std::move(items);
    set.notes_ = std::move(notes);
  }
  return set;
}

Result<NoteSet> NoteSet::from(std::vector<RecordNote> notes) {
  std::vector<Item> items;
  items.reserve(notes.size());
  for (RecordNote& note : notes) {
    TRYV(check_note(note));
    if (!items.empty() && compare_records(*items.back(), note) >= 0) {
      return fail(Errc::kInvalid, "the notes are not in the order of their records");
    }
    items.push_back(std::make_shared<const RecordNote>(std::move(note)));
  }
  auto set = made_of(std::move(items));
  if (!set) {
    return fail(Errc::kInvalid, "{}", set.error().detail);
  }
  return set;
}

Result<NoteSet> NoteSet::changed(std::span<const RecordNote> removed,
                                 std::span<const RecordNote> added) const {
  std::vector<Item> next(all().begin(), all().end());
  const auto place_of = [&next](const RecordNote& note) {
    return std::ranges::partition_point(
        next, [&](const Item& item) { return compare_records(*item, note) < 0; });
  };
  for (const RecordNote& note : removed) {
    const auto place = place_of(note);
    if (place == next.end() || **place != note) {
      return fail(Errc::kConflict, "{} is not there", record_name(note));
    }
    next.erase(place);
  }
  for (const RecordNote& note : added) {
    TRYV(check_note(note));
    const auto place = place_of(note);
    if (place != next.end() && compare_records(**place, note) == 0) {
      return fail(Errc::kConflict, "{} is there", record_name(note));
    }
    next.insert(place, std::make_shared<const RecordNote>(note));
  }
  return made_of(std::move(next));
}

std::span<const NoteSet::Item> NoteSet::all() const noexcept {
  return notes_ == nullptr ? std::span<const Item>() : std::span(notes_->items);
}

std::span<const NoteSet::Item> NoteSet::of(NameView owner, RrType type) const noexcept {
  const std::span<const Item> items = all();
  const auto first = std::ranges::partition_point(
      items, [&](const Item& item) { return compare(owner, type, *item) > 0; });
  const auto last = std::partition_point(
      first, items.end(), [&](const Item& item) { return compare(owner, type, *item) == 0; });
  return {first, last};
}

std::span<const NoteSet::Item> NoteSet::at(NameView owner) const noexcept {
  const std::span<const Item> items = all();
  const auto first = std::ranges::partition_point(
      items, [&](const Item& item) { return item->owner.view() < owner; });
  const auto last = std::partition_point(
      first, items.end(), [&](const Item& item) { return item->owner.view() == owner; });
  return {first, last};
}

const RecordNote* NoteSet::find(NameView owner, RrType type, OctetSpan rdata) const noexcept {
  for (const Item& item : of(owner, type)) {
    if (compare_rdata(type, item->rdata, rdata) == 0) {
      return item.get();
    }
  }
  return nullptr;
}

std::int64_t NoteSet::next_expiry() const noexcept {
  return notes_ == nullptr ? 0 : notes_->next_expiry;
}

bool operator==(const NoteSet& a, const NoteSet& b) noexcept {
  return a.notes_ == b.notes_ ||
         std::ranges::equal(a.all(), b.all(), [](const NoteSet::Item& x, const NoteSet::Item& y) {
           return *x == *y;
         });
}

}  // namespace tandem
