#include "common/dns/master_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/core.h>

#include "common/dns/master_file_parser.h"
#include "common/dns/master_file_path.h"
#include "common/dns/rdata.h"
#include "common/dns/rdata_text.h"

namespace tandem {
namespace {

constexpr std::uintmax_t kMaxIncludedOctets = 1ULL << 30U;  // no zone file of ours comes near

Result<std::string> read_file(const std::string& path) {
  std::error_code error;
  // Not a device or a pipe: reading one might never end.
  if (!std::filesystem::is_regular_file(path, error)) {
    return fail(Errc::kNotFound, "{} is not there or is no regular file", path);
  }
  const std::uintmax_t octets = std::filesystem::file_size(path, error);
  if (error || octets > kMaxIncludedOctets) {
    return fail(Errc::kTooLarge, "{} has more than {} octets", path, kMaxIncludedOctets);
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(octets), '\0');
  file.read(text.data(), static_cast<std::streamsize>(octets));
  if (!file) {
    return fail(Errc::kIo, "{} cannot be read", path);
  }
  return text;
}

std::string place_of(const Diagnostic& found) {
  return found.line == 0 ? found.file
                         : fmt::format("{}:{}:{}", found.file, found.line, found.column);
}

}  // namespace

std::string Diagnostic::to_text() const {
  return fmt::format("{}: {}{}", place_of(*this), severity == Severity::kWarning ? "warning: " : "",
                     text);
}

std::string Diagnostic::to_line() const {
  return fmt::format("{}: {}: {}", place_of(*this),
                     severity == Severity::kError ? "error" : "warning", text);
}

bool MasterFileReport::has_errors() const noexcept {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Diagnostic::Severity::kError;
  });
}

MasterFileReport parse_master_file(std::string_view text, const MasterFileOptions& options,
                                   const RecordSink& sink) {
  return MasterFileParser(options, sink).run(text);
}

std::string included_path(std::string_view including_file, std::string_view name) {
  return (std::filesystem::path(including_file).parent_path() / std::filesystem::path(name))
      .string();
}

IncludeOpener include_from_file_system() {
  return [](std::string_view including_file, std::string_view name) {
    return read_file(included_path(including_file, name));
  };
}

std::optional<std::uint32_t> ttl_from_text(std::string_view text) {
  return seconds_from_text(text, kMaxTtlSeconds);
}

std::string record_to_text(NameView owner, std::uint32_t ttl, RrType type, OctetSpan rdata) {
  const std::string text = rdata_to_text(type, rdata);
  return fmt::format("{} {} IN {}{}{}", owner.to_text(), ttl, to_text(type),
                     text.empty() ? "" : " ", text);
}

}  // namespace tandem
