// A configuration file as TOML says it, key by key: every finding with its place, and none keeps
// the others from being found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/node/config.h"

namespace tandem {

/// Takes what `text` sets into `config`. Relative paths start at the folder of `file`.
/// Returns the findings, `FILE:LINE:COLUMN: what, and what was expected`; `config` is good only
/// without any.
[[nodiscard]] std::vector<std::string> read_config_text(std::string_view text,
                                                        const std::filesystem::path& file,
                                                        Config& config);

}  // namespace tandem
