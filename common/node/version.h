// What this program is made of: the libraries are linked into it, so that the distribution's
// updates do not reach them.
#pragma once

#include <string>
#include <string_view>

#include "common/base/version.h"

namespace tandem {

/// Several lines: `PROGRAM VERSION`, the compiler, the libraries.
[[nodiscard]] std::string version_text(std::string_view program);

}  // namespace tandem
