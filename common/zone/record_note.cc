#include "common/zone/record_note.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <utility>

#include "common/base/text.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999
constexpr std::uint32_t kMaxTtl = 0x7fff'ffff;         // RFC 2181 s8
constexpr std::size_t kMaxAddressOctets = 512;

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

/// What else an address is, the layer above reads.
bool is_address_part(std::string_view part) {
  const auto is_of_host = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
  };
  const std::string_view name = address_name(part);
  const bool has_host = name.size() < part.size();
  return part == kOwnData ||
         (check_address_name(name).has_value() &&
          (!has_host || std::ranges::all_of(part.substr(name.size() + 1), is_of_host)));
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

bool stands_before(const RecordNote& a, const RecordNote& b) {
  return compare_records(a, b) < 0;
}

std::vector<std::string_view> parts_of_address(std::string_view address) {
  std::vector<std::string_view> parts;
  while (!address.empty()) {
    parts.push_back(address.substr(0, address.find(' ')));
    address.remove_prefix(std::min(parts.back().size() + 1, address.size()));
  }
  return parts;
}

std::string_view address_name(std::string_view part) noexcept {
  return part.substr(0, part.find('+'));
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
  if (is_meta_type(note.type) || note.type == RrType::kSoa) {
    return fail(Errc::kInvalid, "{}: nothing is noted on records of this type", record_name(note));
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
      !std::ranges::all_of(parts_of_address(note.address), is_address_part)) {
    return fail(Errc::kInvalid, "{}: this names no address", record_name(note));
  }
  return {};
}

Result<NoteSet> NoteSet::made_of(std::vector<Item> items) {
  auto notes = std::make_shared<Notes>();
  for (const Item& item : items) {
    notes->octets += item->octets();
    if (item->expires != 0 && (notes->next_expiry == 0 || item->expires < notes->next_expiry)) {
      notes->next_expiry = item->expires;
    }
  }
  if (notes->octets > kMaxNoteSetOctets) {
    return fail(Errc::kTooLarge,
                "{} notes with {} octets, those of a zone have at most {} together: delete "
                "comments, or records that are disabled",
                items.size(), notes->octets, kMaxNoteSetOctets);
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
  std::vector<Item> kept;
  kept.reserve(all().size());
  auto gone = removed.begin();
  for (const Item& item : all()) {
    if (gone == removed.end() || compare_records(*item, *gone) != 0) {
      kept.push_back(item);
    } else if (*item == *gone) {
      ++gone;
    } else {
      break;  // it says something else, and `gone` stays where it is
    }
  }
  if (gone != removed.end()) {
    return fail(Errc::kConflict, "the notes to take away are not there, or say something else");
  }
  std::vector<Item> come;
  for (const RecordNote& note : added) {
    TRYV(check_note(note));
    come.push_back(std::make_shared<const RecordNote>(note));
  }
  const auto before = [](const Item& a, const Item& b) { return stands_before(*a, *b); };
  std::vector<Item> next;
  next.reserve(kept.size() + come.size());
  std::ranges::merge(kept, come, std::back_inserter(next), before);
  const auto not_before = [&](const Item& a, const Item& b) { return !before(a, b); };
  if (const auto same = std::ranges::adjacent_find(next, not_before); same != next.end()) {
    return fail(Errc::kConflict, "{} is there", record_name(**same));
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

std::size_t NoteSet::octets() const noexcept {
  return notes_ == nullptr ? 0 : notes_->octets;
}

bool operator==(const NoteSet& a, const NoteSet& b) noexcept {
  return a.notes_ == b.notes_ ||
         std::ranges::equal(a.all(), b.all(), [](const NoteSet::Item& x, const NoteSet::Item& y) {
           return *x == *y;
         });
}

}  // namespace tandem
