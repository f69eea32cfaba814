// Which node is meant: its data folder and the socket in it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "ctl/arguments.h"

namespace tandem {

constexpr std::string_view kDefaultDataFolder = "/var/lib/tandem";
constexpr std::string_view kSocketName = "api.sock";

/// `--data`, else `data` of the `--config` file, else `environment` (TANDEM_DATA), else
/// /var/lib/tandem. Fails: kInvalid or kIo for a configuration file that says no folder.
Result<std::filesystem::path> data_folder(const Arguments& arguments,
                                          const std::optional<std::string>& environment);

/// `--socket`, else the socket in the data folder.
Result<std::filesystem::path> api_socket(const Arguments& arguments,
                                         const std::optional<std::string>& environment);

/// TANDEM_DATA of this process.
[[nodiscard]] std::optional<std::string> data_of_environment();

}  // namespace tandem
