#include "primary/source_guard.h"

namespace tandem {
namespace {

bool is_of_content(const Change& change) noexcept {
  return std::holds_alternative<RecordChange>(change.kind) ||
         std::holds_alternative<ZoneReplace>(change.kind) ||
         std::holds_alternative<ZoneNotesChange>(change.kind) ||
         std::holds_alternative<ZoneDelete>(change.kind);
}

/// The zone whose content, or being there, the change is about; nothing for all other changes.
std::optional<Name> changed_zone(const PlannedChange& planned, const TableDraft& draft) {
  const auto* const change = std::get_if<Change>(&planned);
  const auto* const replacement = std::get_if<ContentReplacement>(&planned);
  if (change == nullptr && replacement == nullptr) {
    return std::nullopt;
  }
  if (change != nullptr) {
    if (const auto* const create = std::get_if<ZoneCreate>(&change->kind)) {
      return create->name;
    }
    if (!is_of_content(*change)) {
      return std::nullopt;
    }
  }
  const ZoneRecordPtr record = draft.find(change != nullptr ? change->zone : replacement->zone);
  return record != nullptr ? std::optional<Name>(record->name.view()) : std::nullopt;
}

}  // namespace

Status check_source(const ZoneSources& sources, const TableDraft& draft,
                    const PlannedChange& planned, bool is_from_source) {
  const std::optional<Name> zone = changed_zone(planned, draft);
  if (!zone) {
    return {};
  }
  const std::string source = sources.find(draft, *zone);
  if (is_from_source && source.empty()) {
    return fail(Errc::kConflict, "{} is not taken from elsewhere any more", zone->to_text());
  }
  if (is_from_source || source.empty()) {
    return {};
  }
  const std::string how = sources.is_configured(*zone)
                              ? "take it out of `pull` in this node's configuration"
                              : "`tandemctl zone unpull " + zone->to_text() + "`";
  return fail(Errc::kRefused,
              "{} is taken from {}: change it there; to make it a zone of this server, {}",
              zone->to_text(), source, how);
}

}  // namespace tandem
