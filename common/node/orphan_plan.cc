// The part of orphan_verdict.h that makes changes.
#include <algorithm>
#include <map>
#include <utility>

#include <fmt/ranges.h>

#include "common/base/encoding.h"
#include "common/log/codec.h"
#include "common/log/entry_check.h"
#include "common/node/noted_content.h"
#include "common/node/noted_edit.h"
#include "common/node/orphan_verdict.h"
#include "common/node/zone_edit.h"
#include "common/zone/serial.h"

namespace tandem {
namespace {

/// What becomes of one zone.
class ZoneRemake {
 public:
  explicit ZoneRemake(ZoneRecordPtr record) : record_(std::move(record)), edit_(*record_->zone) {}

  void take(const SetTarget& target) {
    EditedSet& set = edit_.set_of(target.set.owner, target.set.type);
    set.clear();
    for (Octets rdata : target.set.rdatas) {
      if (target.set.type == RrType::kSoa) {
        set_soa_serial(rdata, record_->zone->serial());
      }
      set.add(rdata, target.set.ttl);
    }
  }

  void take(const NoteTarget& target) {
    const RecordNote* const now =
        record_->notes.find(target.record.owner, target.record.type, target.record.rdata);
    if (target.note && now != nullptr && *target.note == *now) {
      return;
    }
    if (now != nullptr) {
      notes_.removed.push_back(*now);
    }
    if (target.note) {
      notes_.added.push_back(*target.note);
    }
  }

  void take(const RuleTarget& target) {
    if (record_->policy.texts().contains(target.rule) != target.is_there) {
      (target.is_there ? rules_.added : rules_.removed).push_back(target.rule);
    }
  }

  void take(const OptionsTarget& target) { options_ = target.options; }

  void take(std::monostate /*nothing*/) {}

  void append_to(Plan& plan) && {
    const ZoneId& id = record_->id;
    std::ranges::sort(notes_.removed, stands_before);
    std::ranges::sort(notes_.added, stands_before);
    append_change(id, {edit_.take(), std::move(notes_)}, plan);
    std::ranges::sort(rules_.removed);
    std::ranges::sort(rules_.added);
    if (!rules_.removed.empty() || !rules_.added.empty()) {
      plan.changes.emplace_back(Change{id, std::move(rules_)});
    }
    if (options_ && *options_ != record_->options) {
      plan.changes.emplace_back(Change{id, ZoneOptionsChange{record_->options, *options_}});
    }
  }

 private:
  ZoneRecordPtr record_;
  ZoneEdit edit_;
  ZoneNotesChange notes_;
  ZoneRulesChange rules_;
  std::optional<ZoneOptions> options_;
};

std::string list_of(const std::vector<std::string>& lines) {
  return lines.empty() ? "nothing" : fmt::format("{}", fmt::join(lines, ", "));
}

/// The first part that keeps the change from being made.
Status objection_to(const OrphanView& view, OnConflict on_conflict) {
  for (const OrphanPart& part : view.parts) {
    const std::string what =
        part.zone.empty() ? part.what : fmt::format("{} of {}", part.what, part.zone);
    if (part.verdict == OrphanVerdict::kByHand) {
      return fail(Errc::kRefused, "{}: {}: make it again by hand", what, part.reason);
    }
    if (part.verdict == OrphanVerdict::kConflict && on_conflict == OnConflict::kRefuse) {
      return fail(Errc::kConflict, "{}: {} (now: {})", what, part.reason, list_of(part.now));
    }
  }
  return {};
}

/// The log's texts have a limit; a character is not cut in two.
std::string cut_text(std::string text) {
  if (text.size() > kMaxActorText) {
    std::size_t end = kMaxActorText;
    while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xc0U) == 0x80U) {
      --end;
    }
    text.resize(end);
  }
  return text;
}

std::string reason_of(const OrphanWish& wish) {
  const Actor& first = wish.orphan.entry.actor;
  std::string reason = fmt::format("orphan {} of {}", wish.orphan.id(), first.name);
  for (const std::string& more : {first.reason, wish.actor.reason}) {
    reason += more.empty() ? "" : ": " + more;
  }
  return cut_text(std::move(reason));
}

}  // namespace

Planner plan_orphan(Orphan orphan, OnConflict on_conflict) {
  return [orphan = std::move(orphan), on_conflict](const TableDraft& zones) -> Result<Plan> {
    const OrphanView view = judge_orphan(orphan, zones, {});
    TRYV(objection_to(view, on_conflict));
    std::map<ZoneId, ZoneRemake> remakes;
    Plan plan;
    for (const OrphanPart& part : view.parts) {
      std::visit(
          [&](const auto& target) {
            if constexpr (requires { target.zone; }) {
              plan.zone = target.zone;
              remakes.try_emplace(target.zone, zones.find(target.zone)).first->second.take(target);
            }
          },
          part.target);
    }
    for (auto& [zone, remake] : remakes) {
      std::move(remake).append_to(plan);
    }
    return plan;
  };
}

OrphanRequestFrame request_for_orphan(const OrphanWish& wish) {
  return {encode_entry(wish.orphan.entry),
          encode_sets(wish.orphan.entry, wish.orphan.before, wish.actor),
          wish.on_conflict == OnConflict::kForce};
}

Result<OrphanWish> orphan_wish(const OrphanRequestFrame& request) {
  OrphanWish wish;
  wish.orphan.entry = TRY(decode_entry(request.entry));
  Entry asked = TRY(decode_entry(request.wish));
  wish.actor = std::move(asked.actor);
  wish.orphan.before = TRY(sets_of(std::move(asked)));
  wish.on_conflict = request.is_forced ? OnConflict::kForce : OnConflict::kRefuse;
  return wish;
}

OrphanReplyFrame reply_to_orphan(const Result<OrphanMade>& made) {
  OrphanReplyFrame reply;
  if (made) {
    reply.changed = made->changed;
    reply.sequence = made->sequence;
  } else {
    reply.refusal = made.error().detail;
    reply.is_conflict = made.error().code == Errc::kConflict;
  }
  return reply;
}

void apply_orphan(ChangeSink& sink, OrphanWish wish, OrphanDone done) {
  const Epoch& epoch = wish.orphan.entry.epoch;
  const std::string id = fmt::format("orphan {} {} {}", epoch.number, epoch.leader.to_text(),
                                     wish.orphan.entry.sequence);
  Actor actor = wish.actor;
  actor.reason = reason_of(wish);
  sink.submit({std::move(actor), to_octets(as_octets(id)),
               plan_orphan(std::move(wish.orphan), wish.on_conflict),
               [done = std::move(done)](const Result<Receipt>& receipt) {
                 if (receipt) {
                   done(OrphanMade{receipt->changed, receipt->position.sequence});
                 } else {
                   done(std::unexpected(receipt.error()));
                 }
               }});
}

}  // namespace tandem
