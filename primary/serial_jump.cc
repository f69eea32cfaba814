#include "primary/serial_jump.h"

#include <utility>

#include "common/base/logging.h"
#include "common/node/catalog_members.h"
#include "common/zone/diff.h"

namespace tandem {
namespace {

constexpr std::string_view kMarkKey = "serial-jump";

}  // namespace

Serial jumped_serial(Serial current, SerialPolicy policy, WallTime now) noexcept {
  const Serial least = current + kSerialJump;
  const Serial named = next_serial(current, policy, now);
  const Serial serial = is_newer(named, least) ? named : least;
  return serial != 0 ? serial : 1;
}

Planner plan_serial_jump(const ZoneId& zone, const ZoneSources& sources, WallTime now) {
  return [zone, &sources, now](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = zones.find(zone);
    if (record == nullptr || record->zone == nullptr || record->zone->is_presigned() ||
        !sources.find(zones, record->name).empty()) {
      return Plan{};
    }
    const Serial serial = jumped_serial(record->zone->serial(), record->options.serial_policy, now);
    Plan plan;
    plan.zone = zone;
    plan.changes.emplace_back(Change{zone, RecordChange{serial_change(*record->zone, serial), {}}});
    if (const auto allowed = check_not_made(zones, plan.changes.front()); !allowed) {
      return Plan{};
    }
    return plan;
  };
}

SerialJump::SerialJump(ReplicatedLog& log, ChangeSink& sink, ZoneSources sources)
    : log_(log), sink_(sink), sources_(std::move(sources)) {}

std::shared_ptr<SerialJump> SerialJump::make(ReplicatedLog& log, ChangeSink& sink,
                                             ZoneSources sources) {
  return std::shared_ptr<SerialJump>(new SerialJump(log, sink, std::move(sources)));  // NOLINT
}

void SerialJump::put_mark(WriteBatch& batch) {
  batch.put(Family::kMeta, as_octets(kMarkKey), as_octets("due"));
}

void SerialJump::erase_mark(WriteBatch& batch) {
  batch.erase(Family::kMeta, as_octets(kMarkKey));
}

void SerialJump::start() {
  const auto mark = log_.store().get(Family::kMeta, as_octets(kMarkKey));
  if (!mark || !*mark) {
    return;
  }
  for (const ZoneRecordPtr& record : log_.table().all()) {
    left_.push_back(record->id);
  }
  next();
}

void SerialJump::next() {
  if (left_.empty()) {
    finish();
    return;
  }
  const ZoneId zone = left_.back();
  left_.pop_back();
  sink_.submit({{"tandem", "self", {}, "serials after a promotion"},
                {},
                plan_serial_jump(zone, sources_, log_.clock().wall()),
                [self = shared_from_this(), zone](const Result<Receipt>& receipt) {
                  if (receipt || receipt.error().code != Errc::kUnavailable) {
                    self->next();
                    return;
                  }
                  // No changes are taken: the mark stays, and the next start goes on.
                  log_warn("serials wait after the promotion zone={} reason=\"{}\"", zone.to_text(),
                           receipt.error().detail);
                }});
}

void SerialJump::finish() {
  WriteBatch batch;
  erase_mark(batch);
  if (const auto done = log_.store().write(batch, Durability::kBuffered); !done) {
    log_warn("cannot note that the serials are raised reason=\"{}\"", done.error().detail);
  }
}

}  // namespace tandem
