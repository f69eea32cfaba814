#include "ctl/zone_source.h"

#include <algorithm>
#include <cstdio>

#include <fmt/core.h>

#include "common/zone/note_text.h"
#include "common/zone/warnings.h"
#include "common/zone/zone_builder.h"
#include "ctl/file_text.h"

namespace tandem {
namespace {

constexpr std::uintmax_t kMaxFileOctets = std::uintmax_t{1} << 30U;  // as much as the node takes
constexpr std::size_t kLeastLabels = 2;  // of a zone that only its file's name says
// Stands for an origin that nobody has named: no zone is below it (RFC 6761 s6.4).
constexpr std::string_view kUnknownOrigin = "origin-not-named.invalid.";

/// The file's name without its suffix, where that is a zone's name.
std::optional<Name> origin_of_path(const std::filesystem::path& file) {
  const std::filesystem::path suffix = file.extension();
  if (suffix != ".zone" && suffix != ".db") {
    return std::nullopt;
  }
  const auto name = Name::from_text(file.stem().string());
  // `backup-2024` is more likely a file's name alone than a zone beneath the root.
  return name && name->label_count() >= kLeastLabels ? std::optional(*name) : std::nullopt;
}

/// The owner of the first SOA record, when the file itself or `origin` says what it is.
std::optional<Name> soa_owner(std::string_view text, const std::string& file, const Name& origin) {
  std::optional<Name> owner;
  const MasterFileOptions options{
      .origin = origin, .file_name = file, .open_include = include_from_file_system()};
  static_cast<void>(parse_master_file(text, options, [&owner](const MasterFileRecord& record) {
    if (record.type == RrType::kSoa && !owner) {
      owner = Name(record.owner);
    }
  }));
  return owner;
}

Result<Name> origin_of_file(std::string_view text, const std::filesystem::path& file) {
  const std::optional<Name> of_path = origin_of_path(file);
  const Name unknown = TRY(Name::from_text(kUnknownOrigin));
  const auto of_soa = soa_owner(text, file.string(), of_path.value_or(unknown));
  if (of_soa && !of_soa->is_subdomain_of(unknown)) {
    return *of_soa;
  }
  if (of_path) {
    return *of_path;
  }
  return fail(Errc::kInvalid,
              "{} does not say which zone it is of: name it (zone check --origin NAME, zone import "
              "NAME={})",
              file.string(), file.string());
}

class Reader {
 public:
  Reader(std::filesystem::path file, const Name& origin, const ZoneLimits& limits)
      : file_(std::move(file)), builder_(origin, limits) {
    source_.file = file_.string();
    source_.origin = origin;
  }

  ZoneSource read(std::string text) {
    parse(text);
    for (Diagnostic& finding : notes_in(text, source_.origin, source_.file).findings) {
      source_.findings.push_back(std::move(finding));
    }
    const bool parsed = is_good();
    ZoneBuilder::Outcome outcome = builder_.build();
    // After a bad line a zone lacks records, and what it says about them would mislead.
    if (parsed) {
      for (ZoneFinding& finding : outcome.findings) {
        source_.findings.push_back(to_diagnostic(std::move(finding), places_, files_));
      }
    }
    source_.is_good = is_good();
    if (source_.is_good) {
      source_.serial = outcome.zone->serial();
      source_.record_count = outcome.zone->record_count();
      append_zone_warnings(*outcome.zone, source_.remarks);
      source_.text = includes_ ? lines_of(*outcome.zone) + note_lines_of(text) : std::move(text);
    }
    return std::move(source_);
  }

 private:
  void parse(std::string_view text) {
    const IncludeOpener open = include_from_file_system();
    const MasterFileOptions options{
        .origin = source_.origin,
        .file_name = file_.string(),
        .open_include = [this, &open](std::string_view from, std::string_view name) {
          includes_ = true;
          return open(from, name);
        }};
    MasterFileReport report =
        parse_master_file(text, options, [this](const MasterFileRecord& record) {
          builder_.add({record.owner, record.type, record.ttl, record.rdata},
                       places_.note(record.place));
        });
    source_.findings = std::move(report.diagnostics);
    files_ = std::move(report.files);
    if (report.too_many_errors) {
      source_.findings.push_back({Diagnostic::Severity::kError, file_.string(), 0, 0,
                                  "too many errors; the rest of the file was not read"});
    }
  }

  [[nodiscard]] bool is_good() const {
    return std::ranges::none_of(source_.findings, [](const Diagnostic& finding) {
      return finding.severity == Diagnostic::Severity::kError;
    });
  }

  static std::string lines_of(const Zone& zone) {
    std::string lines;
    zone.for_each_record([&lines](const PackedRecord& record) {
      lines += record_to_text(record.owner, record.ttl, record.type, record.rdata);
      lines += '\n';
    });
    return lines;
  }

  std::filesystem::path file_;
  ZoneBuilder builder_;
  RecordPlaces places_;
  std::vector<std::string> files_;
  ZoneSource source_;
  bool includes_ = false;
};

}  // namespace

Result<ZoneSource> read_zone_source(const std::filesystem::path& file,
                                    const std::optional<Name>& origin, const ZoneLimits& limits) {
  std::string text = TRY(read_file_text(file, kMaxFileOctets));
  const Name zone = origin ? *origin : TRY(origin_of_file(text, file));
  return Reader(file, zone, limits).read(std::move(text));
}

void print_findings(const ZoneSource& source, std::FILE* to) {
  for (const Diagnostic& finding : source.findings) {
    fmt::print(to, "{}\n", finding.to_line());
  }
}

Status take_findings(const ZoneSource& source, const Arguments& arguments, std::string_view so) {
  if (source.is_good) {
    if (!arguments.json) {
      print_findings(source, stderr);
    }
    return {};
  }
  std::string lines;
  for (const Diagnostic& finding : source.findings) {
    lines += "\n" + finding.to_line();
  }
  return fail(Errc::kInvalid, "{} has errors; {}{}", source.file, so, lines);
}

}  // namespace tandem
