// Text from outside as messages show it: quoted, printable, of bounded length. Nothing a zone file
// or a client says reaches a log line or a terminal in any other way.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

/// `text` in double quotes: octets that are not printable ASCII as \DDD, cut after 60 octets.
[[nodiscard]] std::string shown_text(std::string_view text);

}  // namespace tandem
