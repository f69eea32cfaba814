#include "common/node/zone_steps.h"

#include <ranges>
#include <utility>
#include <variant>

#include "common/node/net_change.h"
#include "common/node/zone_history_walk.h"

namespace tandem {
namespace {

/// The way back from the newest version, change by change. States are ends of groups.
class Way {
 public:
  Way(Serial newest, Serial present, Serial known, const StepLimits& limits)
      : present_(present), known_(known), limits_(limits), at_(newest) {}

  /// The walk has come to the end of a group. False: the changes of the one before left the serial
  /// as it was, so that it does not say which version somebody has.
  [[nodiscard]] bool enter_group() {
    if (has_changed_ && at_ == last_) {
      return false;
    }
    last_ = at_;
    has_changed_ = false;
    is_begun_ = is_begun_ || at_ == present_;
    is_there_ = is_begun_ && at_ == known_;
    return true;
  }

  /// False: there is no way back behind this change.
  [[nodiscard]] bool take_back(const ChangeKind& kind) {
    const auto* const change = std::get_if<RecordChange>(&kind);
    if (change == nullptr) {
      return std::holds_alternative<ZoneOptionsChange>(kind) ||
             std::holds_alternative<ZoneRulesChange>(kind) ||
             std::holds_alternative<ZoneNotesChange>(kind) ||
             std::holds_alternative<SettingChange>(kind);  // of an address that records follow
    }
    const std::optional<Serial> before = serial_before(*change, at_);
    read_octets_ += change->authored.octets() + change->derived.octets();
    if (!before || read_octets_ > limits_.read_octets) {
      return false;
    }
    at_ = *before;
    has_changed_ = true;
    if (is_begun_) {
      net_.undo(*change);
    }
    return net_.octets() <= limits_.octets;
  }

  [[nodiscard]] bool is_there() const noexcept { return is_there_; }

  /// What was taken back, forward. Nothing when it does not end at `present`, which is then not
  /// the version that the walk began at, or is more than the zone.
  [[nodiscard]] std::optional<ZoneStep> step(const Zone& present) const {
    ZoneStep step;
    std::optional<SoaRecord> from;
    std::optional<SoaRecord> to;
    std::size_t records = 0;
    RrPacker removed(step.change.removed);
    RrPacker added(step.change.added);
    net_.visit([&](DiffSide side, const PackedRecord& record) {
      const bool is_added = side == DiffSide::kAdded;
      if (record.type == RrType::kSoa) {
        (is_added ? to : from) = SoaRecord{record.ttl, to_octets(record.rdata)};
      } else {
        (is_added ? added : removed).add(record.owner, record.type, record.ttl, record.rdata);
        ++records;
      }
      return true;
    });
    step.to = SoaRecord::of(present);
    if (!from || from->serial() != known_ || !to || to->ttl != step.to.ttl ||
        !to->is_like(step.to.rdata) || records > present.record_count()) {
      return std::nullopt;
    }
    step.from = *std::move(from);
    return step;
  }

 private:
  Serial present_;
  Serial known_;
  StepLimits limits_;
  Serial at_;
  Serial last_ = 0;           // where the group at hand ends
  bool has_changed_ = false;  // records, within the group at hand
  bool is_begun_ = false;
  bool is_there_ = false;
  std::size_t read_octets_ = 0;
  NetChange net_;
};

}  // namespace

Result<std::optional<ZoneStep>> find_step(ReplicatedLog& log, const Zone& present, Serial known,
                                          const StepLimits& limits) {
  const std::uint64_t generation = log.generation();
  const ZoneRecordPtr record = log.table().find(present.origin());
  if (record == nullptr || record->zone == nullptr) {
    return std::nullopt;
  }
  Way way(record->zone->serial(), present.serial(), known, limits);
  ZoneEntryWalk walk(log.entries(), {record->id}, record->sequence + 1);
  GroupEnds ends(log.entries());
  std::uint64_t group = 0;
  while (true) {
    const std::optional<Entry> entry = TRY(walk.next());
    const std::uint64_t end = entry ? TRY(ends.of(entry->sequence))->sequence : 0;
    if ((!entry || end != group) && !way.enter_group()) {
      return std::nullopt;
    }
    if (!entry || way.is_there()) {
      break;
    }
    group = end;
    for (const Change& change : entry->changes | std::views::reverse) {
      if (!way.take_back(change.kind)) {
        return std::nullopt;
      }
    }
  }
  // Entries of another log would say nothing about this one's zone.
  const bool is_found = way.is_there() && log.generation() == generation;
  return is_found ? way.step(present) : std::nullopt;
}

}  // namespace tandem
