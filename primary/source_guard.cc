#include "primary/source_guard.h"

namespace tandem {

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
