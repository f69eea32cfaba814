#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "ctl/file_text.h"
#include "ctl/migration_sources.h"
#include "ctl/named_conf.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxConfOctets = std::uintmax_t{64} << 20U;
constexpr std::uintmax_t kMaxFileOctets = std::uintmax_t{1} << 30U;
/// What a raw zone file begins with: the format 2 and a version (BIND's
/// lib/dns/include/dns/masterdump.h).
constexpr std::string_view kRawStart("\0\0\0\2\0\0\0", 7);
/// Zones that Debian's and others' configurations have for every machine's own names (RFC 6303).
constexpr std::array<std::string_view, 4> kLocalZones = {"localhost.", "127.in-addr.arpa.",
                                                         "0.in-addr.arpa.", "255.in-addr.arpa."};

/// Why a zone that is not a primary one stays; empty: it is one.
std::string why_type_stays(const NamedZone& zone) {
  if (!zone.is_class_in) {
    return "of another class than IN";
  }
  if (zone.type == "primary") {
    return {};
  }
  if (zone.type == "secondary" || zone.type == "mirror") {
    return "a secondary zone: take it from its primary by --from-axfr, or let that one stay";
  }
  if (zone.type == "hint") {
    return "hints of a resolver; Tandem is none";
  }
  if (zone.type == "in-view") {
    return "shown in another view, where it is";
  }
  return zone.type.empty() ? "without a type" : "of type " + zone.type + ": a resolver's";
}

class BindSource {
 public:
  BindSource(fs::path conf, const MoveChoice& choice)
      : conf_file_(std::move(conf)), choice_(choice) {}

  Result<Migration> migrate() {
    const std::string text = TRY(read_file_text(conf_file_, kMaxConfOctets));
    const auto include = [this](std::string_view file,
                                std::string_view directory) -> Result<IncludedConf> {
      const fs::path path = at(directory) / file;
      return IncludedConf{path.string(), TRY(read_file_text(path, kMaxConfOctets))};
    };
    const NamedConf conf = TRY(read_named_conf(text, conf_file_.string(), include));
    folder_ = at(conf.directory);
    for (const NamedZone& zone : conf.zones) {
      take(zone);
    }
    for (const std::string& file : conf.key_files) {
      migration_.left_out.push_back(
          {"the TSIG keys in " + file, "not part of a zone: tandemctl key import " + file});
    }
    tell_of_missing(choice_, migration_);
    return std::move(migration_);
  }

 private:
  /// A folder of the configuration: relative ones are so to the file, as no named runs here whose
  /// working folder they could be relative to.
  [[nodiscard]] fs::path at(std::string_view directory) const {
    return fs::absolute(conf_file_).parent_path() / directory;
  }

  void stay(const NamedZone& zone, std::string why) {
    migration_.left_out.push_back({zone.name, fmt::format("{} ({})", why, zone.place)});
  }

  void take(const NamedZone& zone) {
    const auto name = Name::from_text(zone.name);
    if (!name) {
      stay(zone, "no name of a zone: " + name.error().detail);
      return;
    }
    if (!choice_.wants(*name)) {
      return;
    }
    const bool is_local =
        std::ranges::find(kLocalZones, name->lower().to_text()) != kLocalZones.end();
    const bool is_there =
        std::ranges::find(migration_.zones, *name, &MovedZone::name) != migration_.zones.end();
    if (std::string why = why_type_stays(zone); !why.empty()) {
      stay(zone, std::move(why));
    } else if (is_local && !choice_.names(*name)) {
      stay(zone, "one of every machine's own; --zone " + zone.name + " takes it");
    } else if (is_there) {
      stay(zone, "there twice: Tandem has no views, and the first is taken");
    } else if (zone.file.empty()) {
      stay(zone, "without a file: from a database?");
    } else {
      migration_.zones.push_back(read(zone, *name));
    }
  }

  MovedZone read(const NamedZone& zone, const Name& name) {
    const fs::path file = folder_ / zone.file;
    MovedZoneBuilder builder(name, file.string(), choice_.signatures);
    const auto text = read_file_text(file, kMaxFileOctets);
    const bool is_raw = zone.format == "raw" || (text && text->starts_with(kRawStart));
    if (!text) {
      builder.problem(text.error().detail);
    } else if (is_raw || zone.format == "map") {
      builder.problem(fmt::format(
          "is no text: named-compilezone -f {} -F text -o {}.text {} {}, then tandemctl zone "
          "import {}={}.text",
          is_raw ? "raw" : "map", file.string(), zone.name, file.string(), zone.name,
          file.string()));
    } else {
      read_master_file(builder, *text,
                       {.origin = name, .file_name = file.string(), .open_include = opener()});
    }
    add_notes(zone, file, builder);
    return builder.finish();
  }

  /// BIND takes what $INCLUDE names from its working folder; others from beside the file.
  [[nodiscard]] IncludeOpener opener() const {
    return [this](std::string_view from, std::string_view name) -> Result<std::string> {
      std::error_code error;
      const fs::path file = folder_ / name;
      if (fs::is_regular_file(file, error)) {
        return read_file_text(file, kMaxFileOctets);
      }
      return include_from_file_system()(from, name);
    };
  }

  static void add_notes(const NamedZone& zone, const fs::path& file, MovedZoneBuilder& builder) {
    std::error_code error;
    if (fs::exists(file.string() + ".jnl", error)) {
      builder.note(
          "has a journal whose changes may not be in its file yet: `rndc sync` first, or take it "
          "by --from-axfr");
    }
    if (zone.is_signed_there) {
      builder.note(
          "is signed by BIND as it is loaded, and its file is not: it comes unsigned; take it "
          "signed by --from-axfr, or remove the DS records at its parent first");
    }
    if (zone.takes_updates) {
      builder.leave_out("who may update it (RFC 2136)", "permissions stay with the old server",
                        Answered::kNo);
    }
  }

  fs::path conf_file_;
  const MoveChoice& choice_;
  fs::path folder_;  // named's working folder
  Migration migration_;
};

}  // namespace

Result<Migration> migrate_from_named_conf(const fs::path& file, const MoveChoice& choice) {
  return BindSource(file, choice).migrate();
}

}  // namespace tandem
