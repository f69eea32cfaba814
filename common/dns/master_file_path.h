// Where an included file is: relative names start at the folder of the file that includes.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

[[nodiscard]] std::string included_path(std::string_view including_file, std::string_view name);

}  // namespace tandem
