// One log inside of the store: entries by sequence with their chain digests, the position, the
// epoch table.
//
//   log       (log:u8 sequence:u64)            -> chain:32 entry-octets
//   zone_log  (log:u8 zone:16 sequence:u64)    -> (nothing)
//   meta      "log/" log:u8 "/position"        -> position octets-kept:u64
//                           "/epochs"          -> epoch table
//                           "/first"           -> base
//                           "/request/" key:16 -> sequence:u64
//
// Thread rule: append() and trim() on one thread; reads on any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/log/position.h"
#include "common/store/store.h"

namespace tandem {

/// An entry with the octets that count.
struct EncodedEntry {
  std::uint64_t sequence = 0;
  Octets octets;
  Digest256 chain{};  // after this entry
  bool group_end = false;
  std::vector<ZoneId> zones;  // that it touches
  std::optional<Epoch> starts_epoch;
  WallTime time;
  bool refers_to_images = false;                    // their chunks must be durable before it is
  std::vector<std::pair<ZoneId, ImageRef>> images;  // that take the place of a zone's content
  std::vector<SecretId> secrets;                    // that it names
  std::optional<RequestKey> request;                // of a request that may be repeated
  std::vector<SecretId> dropped_secrets;
};

/// Where a log stands after `entry`, when it stood at `before`.
[[nodiscard]] Position position_after(const Position& before, const EncodedEntry& entry);

/// Encodes `entry` as the one after `before`. Fails: kTooLarge above kMaxEntryOctets; kInvalid for
/// what check_entry() finds; kConflict when the sequence is not the next one, or the epoch not the
/// one of `before` or a later one that the entry starts.
Result<EncodedEntry> encode_after(const Position& before, const Entry& entry);

/// Takes octets from a peer as the entry after `before`: decodes them and checks the same. Fails:
/// kCorrupt, kRefused (unknown kinds), kConflict (wrong place).
struct DecodedEntry {
  Entry entry;
  EncodedEntry encoded;
};

Result<DecodedEntry> decode_after(const Position& before, OctetSpan octets);

class LogStore {
 public:
  /// Reads where the log stands. Fails: kCorrupt when position and entries contradict each other.
  static Result<std::unique_ptr<LogStore>> open(Store& store, LogId id);

  [[nodiscard]] LogId id() const noexcept { return id_; }

  /// The durable end of the log, always a group's end.
  [[nodiscard]] Position head() const;
  /// The sequence of the oldest entry kept; head().sequence + 1 when none is.
  [[nodiscard]] std::uint64_t first_sequence() const;
  [[nodiscard]] EpochTable epochs() const;
  /// Octets of all entries kept: what the limit on the log's size looks at.
  [[nodiscard]] std::uint64_t total_octets() const;

  /// Appends whole groups with one synced write, together with what else must be durable at the
  /// same moment. Requires: entries follow each other and end with a group's end. Fails: kConflict
  /// when they do not follow head(), which stays; and as Store::write: then head() is unknown until
  /// reload().
  Status append(std::span<const EncodedEntry> entries, WriteBatch with);

  /// Entries after `sequence` in order, whole groups only, at least one group and at most about
  /// `max_octets`. Empty at the end of the log. Fails: kNotFound when the entry after `sequence`
  /// was trimmed. The newest entries, up to about 1 MiB, are in memory; older ones come from the
  /// store.
  Result<std::vector<EncodedEntry>> read_after(std::uint64_t sequence,
                                               std::size_t max_octets) const;

  /// The chain digest after entry `sequence`; nothing when that entry is not kept (0 and the trim
  /// base are known).
  Result<std::optional<Digest256>> chain_at(std::uint64_t sequence) const;

  /// Sequences of the newest `limit` entries below `before` that touch `zone`, newest first.
  Result<std::vector<std::uint64_t>> zone_entries(const ZoneId& zone, std::uint64_t before,
                                                  std::size_t limit) const;
  /// The zones that entries kept here touch, deleted ones included.
  Result<std::vector<ZoneId>> zones() const;
  Result<EncodedEntry> read(std::uint64_t sequence) const;

  /// The newest entry kept that came of that request; nothing when there is none.
  Result<std::optional<EncodedEntry>> find_request(const RequestKey& request) const;

  /// The newest group's end, at most `at_most` and below head(), up to which every entry is older
  /// than `keep_since` or in the way of keeping no more than `keep_octets`. 0: nothing to trim.
  Result<std::uint64_t> trim_point(WallTime keep_since, std::uint64_t keep_octets,
                                   std::uint64_t at_most) const;

  /// Forgets the entries up to and with `sequence`, which must be a group's end below head(), a few
  /// groups a write. Fails: kInvalid for another sequence, and as Store::write. No step of it takes
  /// the store apart.
  Status trim(std::uint64_t sequence);
  /// One write of trim(), for who lets others in between. Requires: first_sequence() <= sequence.
  /// Returns the secrets that the forgotten entries dropped: nobody can ask for those entries, and
  /// so for those secrets, any more. Fails as trim().
  Result<std::vector<SecretId>> trim_step(std::uint64_t sequence);

  /// Forgets the entries after `position` (roll-back of a fork) inside of `with`, atomically.
  /// Fails: kConflict when the log never stood there, kInvalid inside of a group, and as
  /// Store::write.
  Status truncate_after(const Position& position, WriteBatch with);

  /// Puts the log at `position` without entries: a follower that got images instead. Everything
  /// before is gone.
  Status restart_at(const Position& position, const EpochTable& epochs, WriteBatch with);

  /// Reads the position again after Store::reopen(). Fails as open().
  Status reload();

 private:
  struct Private {};

 public:
  LogStore(Private /*for open() alone*/, Store& store, LogId id) : store_(store), id_(id) {}

 private:
  struct Ends {
    Position head;
    std::uint64_t base_sequence = 0;  // the entry before the first one kept
    Digest256 base_chain{};
    EpochTable epochs;
    std::uint64_t octets = 0;
  };

  [[nodiscard]] Ends ends() const;
  /// Takes over what a write made true; of the entries in memory those that are still in the log
  /// stay.
  void settle(Ends ends);
  Status forget_request(const EncodedEntry& entry, WriteBatch& batch) const;
  void remember(std::span<const EncodedEntry> entries);
  /// Holds the rows at the log's end to its position. Fails: kCorrupt.
  Status check_tail(const Ends& ends) const;

  Store& store_;
  LogId id_;
  mutable std::mutex mutex_;  // guards the rest
  Ends ends_;
  std::deque<EncodedEntry> recent_;  // the newest entries in order, none missing up to the head
  std::size_t recent_octets_ = 0;
};

}  // namespace tandem
