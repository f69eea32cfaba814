// Takes entries that another node made: the follower's half of the order durable, visible,
// acknowledged. Whole groups only; a group whose result has another content digest than the leader
// says is not taken at all.
//
// Thread rule: the log's one committing thread at a time.
#pragma once

#include <memory>

#include "common/node/cut_receiver.h"
#include "common/node/replicated_log.h"

namespace tandem {

/// Whether entries do not fit what is here, as against a store that cannot take them: then only
/// images, or the operator, settle it.
[[nodiscard]] inline bool is_history_mismatch(const Error& error) noexcept {
  return error.code == Errc::kCorrupt || error.code == Errc::kConflict ||
         error.code == Errc::kInvalid;
}

/// Whether applying `frame` reads or writes whole zones: too long for a thread that others wait
/// for.
[[nodiscard]] bool replaces_zones(const EntriesFrame& frame);

class EntryApplier {
 public:
  EntryApplier(ReplicatedLog& log, CutReceiver& receiver) : log_(log), receiver_(receiver) {}

  /// Applies `frame` after the log's end. Fails: kConflict (a gap, a repeat, another history),
  /// kCorrupt (malformed, or the content digests differ: `frame` and this node agree on the log and
  /// not on the zone), kRefused (a kind of change this version does not know), or as the store
  /// does.
  /// Images and secrets that came for entries stay until the receiver is settled or abandoned.
  Status apply(const EntriesFrame& frame);

 private:
  Status keep_what_goes(const Change& change, const TableDraft& draft, ImageGate::Use& use);
  Status check_digests(const Entry& entry, const TableDraft& draft) const;

  ReplicatedLog& log_;
  CutReceiver& receiver_;
};

}  // namespace tandem
