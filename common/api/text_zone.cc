#include "common/api/text_zone.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/api/json.h"
#include "common/api/note_json.h"
#include "common/dns/master_file.h"
#include "common/log/content_digest.h"
#include "common/node/deleted_zones.h"
#include "common/node/noted_content.h"
#include "common/node/zone_files.h"
#include "common/zone/serial.h"

namespace tandem {
namespace {

std::vector<std::string> lines_of(const std::vector<Diagnostic>& diagnostics,
                                  Diagnostic::Severity severity) {
  std::vector<std::string> lines;
  for (const Diagnostic& found : diagnostics) {
    if (found.severity == severity) {
      lines.push_back(found.to_line());
    }
  }
  return lines;
}

}  // namespace

Result<TextZone> zone_from_text(const ApiServices& services, const Start& begun, std::string text,
                                const std::string& file, const ZoneLimits& limits) {
  NotesInText noted = notes_in(text, begun.zone, file);
  LoadedZone loaded = load_zone(begun.zone, std::make_shared<const std::string>(std::move(text)),
                                file, nullptr, limits);
  TextZone out{std::move(loaded.zone), std::move(noted.notes),
               lines_of(loaded.diagnostics, Diagnostic::Severity::kError),
               lines_of(loaded.diagnostics, Diagnostic::Severity::kWarning)};
  for (std::string& line : lines_of(noted.findings, Diagnostic::Severity::kError)) {
    out.errors.push_back(std::move(line));
    out.zone = nullptr;
  }
  if (out.zone != nullptr && out.notes) {
    TRYV(check_members_know(services, begun.sink, KnownChange::kNotes));
    out.notes = without_past({out.zone, *out.notes},
                             seconds_since_1970(services.node->clock().wall()), out.warnings);
  }
  return out;
}

HttpResponse bad_file(const Name& zone, const TextZone& read) {
  return error_response(
      {Errc::kInvalid,
       fmt::format("the zone file for {} has errors; nothing was changed", zone.to_text())},
      read.errors);
}

Status warn_of_old_serial(const ApiServices& services, const Start& begun, const Zone& content,
                          std::vector<std::string>& warnings) {
  const bool is_of_cluster = begun.sink == services.cluster_sink;
  ReplicatedLog& log = is_of_cluster ? services.node->cluster_log() : services.node->local_log();
  const std::vector<DeletedZone> deleted = TRY(deleted_zones(log));
  const auto last = std::ranges::find_if(
      deleted, [&](const DeletedZone& zone) { return zone.gone.name == begun.zone; });
  const std::optional<ImageRef> image = last != deleted.end() ? last->gone.last : std::nullopt;
  if (!image) {
    return {};
  }
  const ImageRef& before = *image;
  const bool is_same = before.serial == content.serial() &&
                       before.content_digest == content_digest_of(content).value();
  if (!is_same && !is_newer(content.serial(), before.serial)) {
    warnings.push_back(fmt::format(
        "{} had the serial {} when it was deleted, and comes back with {}: secondaries elsewhere "
        "that know it will not take it before it has a newer one; import it with {} or more",
        begun.zone.to_text(), before.serial, content.serial(), before.serial + 1));
  }
  return {};
}

}  // namespace tandem
