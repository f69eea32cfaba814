// The comments in which an exported zone has its notes (docs/http_api.md): the node reads them.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

constexpr std::string_view kNoteMark = "; @note ";

/// Those lines of a master file, as they are.
[[nodiscard]] std::string note_lines_of(std::string_view text);

}  // namespace tandem
