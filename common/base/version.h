// The version of all programs.
#pragma once

#include <string_view>

namespace tandem {

constexpr std::string_view kVersion = "0.1.0";  // as CMakeLists.txt says

}  // namespace tandem
