// What is said about single records beside their data: a comment, when they go by themselves,
// that they are disabled for now, which named address they follow.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/dns/stored_name.h"
#include "common/dns/types.h"

namespace tandem {

constexpr std::size_t kMaxCommentOctets = 512;
constexpr std::size_t kMaxAddressNameOctets = 63;
// Of all notes of a zone together: one entry can still take them all away.
constexpr std::size_t kMaxNoteSetOctets = std::size_t{512} << 10U;

/// The record is named by owner, type and data; data that is equal in canonical form is the same
/// record (RFC 4034 s6.2).
struct RecordNote {
  StoredName owner;
  RrType type{};
  Octets rdata;  // as it stands in the zone, or stood there
  std::string comment;
  std::int64_t expires = 0;  // seconds since 1970; 0: never
  std::optional<std::uint32_t>
      disabled_ttl;  // set: not in the zone now; its TTL when it comes back
  /// What its data follows: `home4`, `home6+::53`, several with a space between when they are the
  /// same now, kOwnData among them when the record would be there without them too. Empty: nothing.
  std::string address;

  /// Nothing that would have to be kept.
  [[nodiscard]] bool is_empty() const noexcept {
    return comment.empty() && expires == 0 && !disabled_ttl && address.empty();
  }

  [[nodiscard]] std::size_t octets() const noexcept;

  friend bool operator==(const RecordNote&, const RecordNote&) = default;
};

constexpr std::string_view kOwnData = "=";

/// As RecordNote::expires has it.
[[nodiscard]] inline std::int64_t seconds_since_1970(WallTime time) noexcept {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// Order of the records that two notes are about; zero for the same record.
[[nodiscard]] int compare_records(const RecordNote& a, const RecordNote& b);
/// The same, for sorting.
[[nodiscard]] bool stands_before(const RecordNote& a, const RecordNote& b);

/// The parts of RecordNote::address.
[[nodiscard]] std::vector<std::string_view> parts_of_address(std::string_view address);
/// The name in one part.
[[nodiscard]] std::string_view address_name(std::string_view part) noexcept;

/// SOA records have none: they change by themselves. Fails: kInvalid, naming the record.
Status check_note(const RecordNote& note);

/// A letter, then letters, digits, `-` and `_`, all small. Fails: kInvalid.
Status check_address_name(std::string_view name);

/// The notes of one zone, at most one per record. Copies share them. Immutable.
class NoteSet {
 public:
  using Item = std::shared_ptr<const RecordNote>;

  NoteSet() = default;
  /// Fails: kInvalid for notes that are not ascending by their records, no notes, or too many.
  static Result<NoteSet> from(std::vector<RecordNote> notes);

  /// The set without `removed`, which are there just so, and with `added`, on records that have
  /// none then; both in the order of their records. Fails: kConflict, kInvalid, kTooLarge.
  [[nodiscard]] Result<NoteSet> changed(std::span<const RecordNote> removed,
                                        std::span<const RecordNote> added) const;

  /// Ascending by their records.
  [[nodiscard]] std::span<const Item> all() const noexcept;
  [[nodiscard]] std::span<const Item> of(NameView owner, RrType type) const noexcept;
  [[nodiscard]] std::span<const Item> at(NameView owner) const noexcept;
  /// Null: none.
  [[nodiscard]] const RecordNote* find(NameView owner, RrType type, OctetSpan rdata) const noexcept;

  [[nodiscard]] bool empty() const noexcept { return notes_ == nullptr; }

  /// The earliest `expires`; 0: none expires.
  [[nodiscard]] std::int64_t next_expiry() const noexcept;
  /// As RecordNote::octets(), of all.
  [[nodiscard]] std::size_t octets() const noexcept;

  friend bool operator==(const NoteSet& a, const NoteSet& b) noexcept;

 private:
  struct Notes {
    std::vector<Item> items;
    std::int64_t next_expiry = 0;
    std::size_t octets = 0;
  };

  static Result<NoteSet> made_of(std::vector<Item> items);

  std::shared_ptr<const Notes> notes_;  // null: none
};

}  // namespace tandem
