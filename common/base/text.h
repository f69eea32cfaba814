// What octets are as text. Pure.
#pragma once

#include <string_view>

namespace tandem {

/// Well-formed UTF-8 (RFC 3629 s4). Protocol buffers refuse to decode a text that is not.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// UTF-8 on one line: without the control characters U+0000-U+001F and U+007F-U+009F.
[[nodiscard]] bool is_printable(std::string_view text) noexcept;

}  // namespace tandem
