// Whether an orphaned change can be made again, and what makes it. The rule: what it touched must
// be now as it was before the change; what is as the change left it is there already; all else was
// changed by somebody since, and conflicts. Pure functions over a draft.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/dns/rr_set.h"
#include "common/dns/stored_name.h"
#include "common/node/change.h"
#include "common/node/orphans.h"
#include "common/replication/frames.h"

namespace tandem {

enum class OrphanVerdict : std::uint8_t {
  kThere,     // as the change left it
  kWould,     // as it was before the change
  kConflict,  // neither
  kByHand     // not a change that this can make
};

[[nodiscard]] std::string_view to_text(OrphanVerdict verdict) noexcept;

/// What a part is to be.
struct SetTarget {
  ZoneId zone;
  RrSet set;  // owner and type always; no records: none
};

struct NoteTarget {
  ZoneId zone;
  RecordNote record;  // names the record
  std::optional<RecordNote> note;
};

struct RuleTarget {
  ZoneId zone;
  std::string rule;
  bool is_there = false;
};

struct OptionsTarget {
  ZoneId zone;
  ZoneOptions options;
};

using OrphanTarget = std::variant<std::monostate, SetTarget, NoteTarget, RuleTarget, OptionsTarget>;

/// One RRset, note, rule, or what else a change is about.
struct OrphanPart {
  std::string zone;  // its name; empty: of no zone that is there
  std::string what;  // `www.example.com. A`
  OrphanVerdict verdict = OrphanVerdict::kThere;
  std::vector<std::string> removed;  // as texts, of what was asked for
  std::vector<std::string> added;
  std::vector<std::string> now;  // of a conflict: what there is
  std::string reason;            // why it has to be made by hand, or why it conflicts
  OrphanTarget target;
};

struct OrphanView {
  OrphanVerdict verdict = OrphanVerdict::kThere;  // the worst of its parts
  std::vector<OrphanPart> parts;
};

/// What other orphans would have made of RRsets and notes before: they follow each other.
class OrphanOutlook {
 public:
  /// Takes over what `view` would make, when it would.
  void add(const OrphanView& view);

  /// Null: it is as the draft has it.
  [[nodiscard]] const RrSet* set_of(const ZoneId& zone, NameView owner, RrType type) const;
  [[nodiscard]] const std::optional<RecordNote>* note_of(const ZoneId& zone,
                                                         const RecordNote& record) const;

 private:
  struct Key {
    ZoneId zone;
    StoredName owner;
    RrType type{};
    Octets canonical;  // of one record; empty: of the whole set

    friend std::weak_ordering operator<=>(const Key&, const Key&) = default;
  };

  static Key key_of(const ZoneId& zone, const RecordNote& record);

  std::map<Key, RrSet> sets_;
  std::map<Key, std::optional<RecordNote>> notes_;
};

/// An SOA's serial counts for nothing: it is the server's.
[[nodiscard]] OrphanView judge_orphan(const Orphan& orphan, const TableDraft& zones,
                                      const OrphanOutlook& outlook);

enum class OnConflict : std::uint8_t { kRefuse, kForce };

/// Makes the change again: all of it or nothing; forced, what conflicts becomes what the change had
/// made of it. Fails: kConflict, kRefused for what has to be made by hand.
[[nodiscard]] Planner plan_orphan(Orphan orphan, OnConflict on_conflict);

/// An orphan that somebody wants again.
struct OrphanWish {
  Orphan orphan;
  OnConflict on_conflict = OnConflict::kRefuse;
  Actor actor;  // who wants it; the reason gets who made the change first
};

/// The new entry.
struct OrphanMade {
  bool changed = false;  // false: all of it is there already
  std::uint64_t sequence = 0;
};

using OrphanDone = std::function<void(Result<OrphanMade>)>;
/// Makes it again where this cluster is led. Answers from any thread, once.
using ApplyOrphan = std::function<void(OrphanWish, OrphanDone)>;

/// By the link, to the leader.
[[nodiscard]] OrphanRequestFrame request_for_orphan(const OrphanWish& wish);
/// Fails: kCorrupt.
Result<OrphanWish> orphan_wish(const OrphanRequestFrame& request);
[[nodiscard]] OrphanReplyFrame reply_to_orphan(const Result<OrphanMade>& made);

/// At the leader: as any other change, and once only.
void apply_orphan(ChangeSink& sink, OrphanWish wish, OrphanDone done);

}  // namespace tandem
