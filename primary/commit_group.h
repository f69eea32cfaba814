// Steps 1 to 4 of a change (docs/life_of_a_change.md): plans of the requests that wait together
// become entries with one serial bump per zone, applied to a draft. Nothing here is durable or
// visible.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/node/change.h"
#include "common/node/replicated_log.h"
#include "common/node/zone_sources.h"

namespace tandem {

class CommitGroup {
 public:
  /// Requires: all outlive the group.
  CommitGroup(ReplicatedLog& log, const SecretSealer& sealer, const Epoch& epoch,
              const ZoneSources& sources);

  /// What became of one request: the receipt it gets once the group is durable (sequence and serial
  /// are filled in by finish()).
  struct Planned {
    Receipt receipt;
    std::size_t entry = kNone;  // its place among the group's entries
    bool is_repeat = false;     // of a request whose outcome is in the log already
  };

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// Plans one request on top of those before it; one that was made before gets the first outcome.
  /// On failure the group is as before.
  Result<Planned> add(const ChangeRequest& request);

  /// Octets planned so far: a group that gets large is committed before more is added.
  [[nodiscard]] std::size_t planned_octets() const noexcept { return planned_octets_; }

  /// Raises serials, adds digests, encodes. Fails: kTooLarge.
  Status finish();

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

  [[nodiscard]] const std::vector<EncodedEntry>& encoded() const noexcept { return encoded_; }

  /// Hands out what ReplicatedLog::commit() wants beside the entries.
  [[nodiscard]] TableDraft& draft() noexcept { return draft_; }

  [[nodiscard]] WriteBatch take_batch();

  /// Completes the receipt of a planned request. After finish(), before or after the commit.
  void complete(Planned& planned) const;

 private:
  Result<std::optional<Planned>> known_outcome(const RequestKey& request);
  Result<Planned> outcome_of(const EncodedEntry& entry) const;
  Status add_changes(Entry& entry, const Plan& plan, const ChangeRequest& request,
                     std::vector<std::string>& warnings);
  Status check_size(const Entry& entry) const;
  Status add_change(Entry& entry, const PlannedChange& planned);
  Status add_plain(Entry& entry, Change change);
  Status add_replacement(Entry& entry, const ContentReplacement& replacement);
  Status add_secret(Entry& entry, const SecretChange& change);
  Status settle(Entry& entry, std::vector<std::string>& warnings);
  Status end_zone(const ZoneId& zone);
  Result<ZonePtr> with_newer_serial(const ZoneRecord& record, const ZonePtr& content) const;
  Result<ImageRef> image_of(const ZoneId& zone, const ZonePtr& content,
                            const ContentDigest& digest);
  RecordChange& derived_change_for(const ZoneId& zone);

  ReplicatedLog& log_;
  const SecretSealer& sealer_;
  const ZoneSources& sources_;
  Epoch epoch_;
  TableDraft draft_;
  std::vector<Entry> entries_;
  std::map<RequestKey, Planned> requests_;       // those of this group that have an id
  std::map<ZoneId, std::size_t> last_entry_of_;  // the last entry that touches a zone
  std::set<ZoneId> as_given_;                    // zones whose serial is as it came
  std::size_t planned_octets_ = 0;
  std::vector<std::pair<SecretId, Octets>> secrets_;  // sealed
  ImageGate::Use use_;  // from the first image written until the entries refer to it
  std::vector<EncodedEntry> encoded_;
};

}  // namespace tandem
