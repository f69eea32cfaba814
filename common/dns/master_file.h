// Master files (RFC 1035 s5, RFC 2308 s4 for $TTL, RFC 4027, RFC 3597 s5): text in, records out.
//
// The parser reads a whole file held in memory, allocates nothing per record on the common line
// shapes, and reports every error with its place instead of stopping at the first.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/dns/types.h"

namespace tandem {

constexpr std::size_t kMaxDiagnostics = 100;
constexpr std::uint32_t kMaxTtlSeconds = 0x7fffffff;  // RFC 2181 s8

/// One finding: `file:line:column: what, and what was expected`. Lines and columns count from 1,
/// columns in octets; line 0 stands for the file as a whole.
struct Diagnostic {
  enum class Severity : std::uint8_t { kError, kWarning };

  Severity severity = Severity::kError;
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string text;

  /// For a log, whose level says it already: without a severity but `warning: `.
  [[nodiscard]] std::string to_text() const;
  /// For people: `file:line:column: error: what`.
  [[nodiscard]] std::string to_line() const;
};

/// Where a record begins. Lines and columns count from 1.
struct RecordPlace {
  std::uint32_t file = 0;  // of MasterFileReport::files
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// One record as the file has it. All views are valid during the sink's call only.
struct MasterFileRecord {
  NameView owner;
  RrType type{};
  std::uint32_t ttl = 0;
  OctetSpan rdata;  // valid for the type, uncompressed
  RecordPlace place;
};

/// Opens what $INCLUDE names, relative to the including file. Nothing for "not allowed here".
using IncludeOpener =
    std::function<Result<std::string>(std::string_view including_file, std::string_view name)>;

struct MasterFileOptions {
  Name origin;                 // initial $ORIGIN
  std::string file_name;       // for diagnostics and relative $INCLUDE
  IncludeOpener open_include;  // empty: $INCLUDE is an error that says so
  // What all $GENERATE lines together may make: records, and the octets of their text.
  std::size_t max_generated_records = 100'000;
  std::size_t max_generated_octets = std::size_t{64} << 20U;
};

/// What was found beside the records. The file is good when no diagnostic is an error.
struct MasterFileReport {
  std::vector<Diagnostic> diagnostics;  // at most kMaxDiagnostics errors and as many warnings
  std::vector<std::string> files;       // that records came from, the outermost first
  std::size_t record_count = 0;
  bool too_many_errors = false;  // parsing stopped early

  [[nodiscard]] bool has_errors() const noexcept;
};

using RecordSink = std::function<void(const MasterFileRecord&)>;

/// Parses `text` and hands every good record to `sink` in file order, those after an erroneous line
/// included. Class is IN or left out; any other class is an error.
[[nodiscard]] MasterFileReport parse_master_file(std::string_view text,
                                                 const MasterFileOptions& options,
                                                 const RecordSink& sink);

/// Opens included files from the file system: the including file's folder is the base, absolute
/// paths are taken.
[[nodiscard]] IncludeOpener include_from_file_system();

/// `1h30m` and the like, or plain seconds, up to 2^31-1 (RFC 2181 s8). Nothing when it is no TTL.
[[nodiscard]] std::optional<std::uint32_t> ttl_from_text(std::string_view text);

/// One record as a line `owner TTL IN TYPE rdata` without a newline; names are absolute.
[[nodiscard]] std::string record_to_text(NameView owner, std::uint32_t ttl, RrType type,
                                         OctetSpan rdata);

}  // namespace tandem
