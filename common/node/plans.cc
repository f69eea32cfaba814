#include "common/node/plans.h"

#include <algorithm>

#include "common/base/random.h"
#include "common/dns/rdata.h"
#include "common/dns/shown_text.h"
#include "common/node/zone_edit.h"
#include "common/zone/diff.h"
#include "common/zone/warnings.h"

namespace tandem {
namespace {

std::unexpected<Error> no_zone(NameView zone) {
  return fail(Errc::kNotFound, "there is no zone {}", zone.to_text());
}

Result<ZoneRecordPtr> zone_with_content(const TableDraft& zones, NameView name) {
  ZoneRecordPtr record = zones.find(name);
  if (record == nullptr) {
    return no_zone(name);
  }
  if (record->zone == nullptr) {
    return fail(Errc::kRefused, "the zone {} has no content yet: import a zone file first",
                name.to_text());
  }
  return record;
}

ZoneId new_zone_id() {
  return ZoneId{random_array<16>()};
}

void run(ZoneEdit& edit, const RecordEdit& step) {
  if (!step.type) {
    edit.clear_name(step.owner);
    return;
  }
  EditedSet& set = edit.set_of(step.owner, *step.type);
  if (step.operation == RecordEdit::Operation::kDelete) {
    if (step.rdatas.empty()) {
      set.clear();
    }
    for (const Octets& rdata : step.rdatas) {
      set.remove(rdata);
    }
    return;
  }
  const auto ttl = step.ttl ? step.ttl : set.ttl();
  if (step.operation == RecordEdit::Operation::kSet) {
    set.clear();
  }
  for (const Octets& rdata : step.rdatas) {
    set.add(rdata, ttl);
  }
}

constexpr std::size_t kSerialChangeOctets = 4096;  // two SOA records have less
constexpr std::size_t kMaxRevertOctets =
    std::size_t{512} * 1024;  // as the writer takes in a change

bool differs_only_in_serial(const Zone& from, const Changeset& change) {
  RrUnpacker removed(change.removed);
  RrUnpacker added(change.added);
  const auto gone = removed.next();
  const auto come = added.next();
  if (!gone || !come || removed.next() || added.next() || gone->type != RrType::kSoa ||
      come->type != RrType::kSoa || gone->ttl != come->ttl ||
      gone->rdata.size() != come->rdata.size()) {
    return false;
  }
  Octets same = to_octets(come->rdata);
  set_soa_serial(same, from.serial());
  return compare_rdata(RrType::kSoa, same, gone->rdata) == 0;
}

}  // namespace

Result<Changeset> edit_records(const Zone& zone, const std::vector<RecordEdit>& edits) {
  if (zone.is_presigned()) {
    return fail(Errc::kRefused,
                "{} was signed elsewhere: a change of single records would break its signatures; "
                "import the whole zone, signed again",
                zone.origin().to_text());
  }
  ZoneEdit edit(zone);
  for (const RecordEdit& step : edits) {
    if (!step.owner.is_subdomain_of(zone.origin())) {
      return fail(Errc::kInvalid, "{} is not in the zone {}", step.owner.to_text(),
                  zone.origin().to_text());
    }
    if (step.type && is_meta_type(*step.type)) {
      return fail(Errc::kInvalid, "{} is no type that a zone can hold", to_text(*step.type));
    }
    run(edit, step);
  }
  return edit.take();
}

Planner plan_edits(const Name& zone, std::vector<RecordEdit> edits) {
  return [zone, edits = std::move(edits)](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = TRY(zone_with_content(zones, zone));
    Changeset change = TRY(edit_records(*record->zone, edits));
    Plan plan{{}, record->id, {}};
    if (!change.empty()) {
      const std::array changes = {change};
      // The writer applies it again; this one tells what is odd about the result.
      const ZonePtr next = TRY(record->zone->apply(changes, record->limits()));
      for (const RecordEdit& edit : edits) {
        append_owner_warnings(*next, edit.owner, plan.warnings);
        if (edit.owner.view() != zone.view()) {
          append_name_server_warnings(*next, edit.owner, plan.warnings);
        }
      }
      plan.changes.emplace_back(Change{record->id, RecordChange{std::move(change), {}}});
    }
    return plan;
  };
}

Planner plan_create(const Name& zone, ZoneOptions options, ZonePtr content, RuleSet rules) {
  return [zone, options, content = std::move(content),
          rules = std::move(rules)](const TableDraft& zones) -> Result<Plan> {
    if (zones.find(zone) != nullptr) {
      return fail(Errc::kExists, "the zone {} exists already", zone.to_text());
    }
    const ZoneId id = new_zone_id();
    Plan plan{{Change{id, ZoneCreate{zone, options, rules}}}, id, {}};
    if (content != nullptr) {
      plan.changes.emplace_back(ContentReplacement{id, content});
      append_zone_warnings(*content, plan.warnings);
    }
    return plan;
  };
}

Planner plan_delete(const Name& zone) {
  return [zone](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = zones.find(zone);
    if (record == nullptr) {
      return no_zone(zone);
    }
    return Plan{{Change{record->id, ZoneDelete{record->name.view(), record->options, std::nullopt,
                                               record->policy.texts()}}},
                record->id,
                {}};
  };
}

Planner plan_options(const Name& zone, std::function<void(ZoneOptions&)> change) {
  return [zone, change = std::move(change)](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = zones.find(zone);
    if (record == nullptr) {
      return no_zone(zone);
    }
    ZoneOptions after = record->options;
    change(after);
    Plan plan{{}, record->id, {}};
    if (after != record->options) {
      plan.changes.emplace_back(Change{record->id, ZoneOptionsChange{record->options, after}});
    }
    return plan;
  };
}

Planner plan_import(const Name& zone, ZonePtr content, IfMissing if_missing, ZoneOptions options) {
  return [zone, content = std::move(content), if_missing,
          options](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = zones.find(zone);
    if (record == nullptr && if_missing == IfMissing::kCreate) {
      return plan_create(zone, options, content)(zones);
    }
    if (record == nullptr) {
      return no_zone(zone);
    }
    Plan plan{{}, record->id, {}};
    append_zone_warnings(*content, plan.warnings);
    if (record->zone != nullptr) {
      const auto change = diff_zones(record->zone.get(), *content, kSerialChangeOctets);
      const bool is_newer_file = is_newer(content->serial(), record->zone->serial());
      if (change &&
          (change->empty() || (!is_newer_file && differs_only_in_serial(*record->zone, *change)))) {
        return plan;
      }
      if (content->is_presigned() && !is_newer_file) {
        return fail(Errc::kRefused,
                    "{} is signed elsewhere, so its serial {} has to be newer than the present {}; "
                    "it cannot be raised here without breaking the signature of the SOA",
                    zone.to_text(), content->serial(), record->zone->serial());
      }
    }
    plan.changes.emplace_back(ContentReplacement{record->id, content});
    return plan;
  };
}

Planner plan_revert(const Name& zone, ZonePtr content) {
  return [zone, content = std::move(content)](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = TRY(zone_with_content(zones, zone));
    if (content->is_presigned() || record->zone->is_presigned()) {
      return fail(Errc::kRefused,
                  "{} is signed elsewhere: its content of serial {} cannot get a newer serial here "
                  "without breaking the signature of the SOA; import it, signed again",
                  zone.to_text(), content->serial());
    }
    // With the present serial it differs in what was asked for alone; the writer raises the serial.
    const Changeset serial = serial_change(*content, record->zone->serial());
    const ZonePtr next = TRY(content->apply(std::span(&serial, 1), record->limits()));
    auto change = diff_zones(record->zone.get(), *next, kMaxRevertOctets);
    Plan plan{{}, record->id, {}};
    if (!change) {
      plan.changes.emplace_back(ContentReplacement{record->id, next});
    } else if (!change->empty()) {
      plan.changes.emplace_back(Change{record->id, RecordChange{*std::move(change), {}}});
    }
    append_zone_warnings(*next, plan.warnings);
    return plan;
  };
}

Result<Name> contact_name(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || text == "@") {
    return Name::from_text(text);
  }
  std::string label;
  for (const char c : text.substr(0, at)) {
    label += c == '.' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  const std::string_view domain = text.substr(at + 1);
  if (label.empty() || domain.empty() || domain.find('@') != std::string_view::npos) {
    return fail(Errc::kInvalid,
                "{} is no mail address; expected one such as hostmaster@example.com",
                shown_text(text));
  }
  return Name::from_text(label, TRY(Name::from_text(domain)));
}

Result<ZonePtr> minimal_zone(NameView zone, NameView primary, NameView contact,
                             const std::vector<Name>& name_servers, std::uint32_t ttl) {
  ZoneBuilder builder(zone, ZoneLimits{});
  // Refresh, retry, expire, minimum: expire covers a home that is away for four weeks (RFC 1912
  // s2.2).
  const std::string soa =
      fmt::format("{} {} 1 900 300 2419200 900", primary.to_text(), contact.to_text());
  const Octets soa_rdata = TRY(rdata_from_text(RrType::kSoa, soa));
  builder.add({zone, RrType::kSoa, ttl, soa_rdata});
  for (const Name& server : name_servers) {
    builder.add({zone, RrType::kNs, ttl, server.wire()});
  }
  ZoneBuilder::Outcome built = builder.build();
  if (built.zone == nullptr) {
    return fail(Errc::kInvalid, "{}: {}", zone.to_text(), built.findings.front().text);
  }
  return built.zone;
}

}  // namespace tandem
