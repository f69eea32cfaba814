#include "ctl/node_place.h"

#include <cstdlib>
#include <system_error>

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include "ctl/file_text.h"

namespace tandem {
namespace {

constexpr std::uintmax_t kMaxConfigOctets = 1U << 20U;

/// A client needs this one key only; what else the file says is for the node to judge
/// (`check-config`).
Result<std::filesystem::path> data_of_config(const std::filesystem::path& file) {
  const std::string text = TRY(read_file_text(file, kMaxConfigOctets));
  const toml::parse_result parsed = toml::parse(text, file.string());
  if (!parsed) {
    const auto place = parsed.error().source().begin;
    return fail(Errc::kInvalid, "{}:{}:{}: {}", file.string(), place.line, place.column,
                parsed.error().description());
  }
  const auto data = parsed["data"].value<std::string>();
  if (!data || data->empty()) {
    return fail(Errc::kInvalid, "{} names no data folder (data = \"DIR\"); give --data DIR",
                file.string());
  }
  return file.parent_path() / *data;
}

}  // namespace

Result<std::filesystem::path> data_folder(const Arguments& arguments,
                                          const std::optional<std::string>& environment) {
  if (!arguments.data.empty()) {
    return arguments.data;
  }
  if (!arguments.config.empty()) {
    return data_of_config(arguments.config);
  }
  if (environment && !environment->empty()) {
    return *environment;
  }
  return kDefaultDataFolder;
}

Result<std::filesystem::path> api_socket(const Arguments& arguments,
                                         const std::optional<std::string>& environment) {
  if (!arguments.socket.empty()) {
    return arguments.socket;
  }
  return TRY(data_folder(arguments, environment)) / kSocketName;
}

std::optional<std::string> data_of_environment() {
  const char* const value = std::getenv("TANDEM_DATA");  // one thread, and nobody sets it
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace tandem
