// A zone in the text of a request: its records, what is noted about them, and what is odd about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/api/submit.h"
#include "common/base/result.h"
#include "common/net/http_server.h"
#include "common/zone/record_note.h"
#include "common/zone/zone.h"

namespace tandem {

struct TextZone {
  ZonePtr zone;                  // null: the text has errors
  std::optional<NoteSet> notes;  // without times that are over; nothing: the text has no notes
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

/// `file`: the text's name in what is found. $INCLUDE stays on the client's side. Fails: as
/// check_members_know().
Result<TextZone> zone_from_text(const ApiServices& services, const Start& begun, std::string text,
                                const std::string& file, const ZoneLimits& limits);

/// What is answered for a text that has errors.
[[nodiscard]] HttpResponse bad_file(const Name& zone, const TextZone& read);

/// Of a zone that is made anew: whoever has the deleted one of that name from elsewhere takes only
/// a newer serial (RFC 1034 s4.3.5). Fails: as reading the log.
Status warn_of_old_serial(const ApiServices& services, const Start& begun, const Zone& content,
                          std::vector<std::string>& warnings);

}  // namespace tandem
