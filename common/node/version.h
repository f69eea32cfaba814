// What this program is made of: the libraries are linked into it, so that the distribution's
// updates do not reach them.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

/// This version of Tandem, `0.1.0`.
[[nodiscard]] std::string_view version_number() noexcept;

/// Several lines: `PROGRAM VERSION`, the compiler, the libraries.
[[nodiscard]] std::string version_text(std::string_view program);

}  // namespace tandem
