#include <algorithm>
#include <array>

#include <boost/json/value.hpp>

#include "ctl/file_text.h"
#include "ctl/migration_sources.h"
#include "ctl/technitium_zone.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxFileOctets = std::uintmax_t{1} << 30U;
constexpr std::array<std::string_view, 3> kSuffixes = {".zone", ".db", ".txt"};

/// `example.com.zone`, `db.example.com`, `example.com`; `root.zone` is the root's.
Result<Name> zone_of_file(const fs::path& file) {
  std::string name = file.filename().string();
  for (const std::string_view suffix : kSuffixes) {
    if (name.ends_with(suffix)) {
      name.resize(name.size() - suffix.size());
      break;
    }
  }
  if (name.starts_with("db.")) {
    name.erase(0, 3);
  }
  if (name == "root") {
    return Name();
  }
  auto zone = Name::from_text(name);
  if (zone && zone->label_count() < 2) {
    return fail(Errc::kInvalid, "its name says no zone");
  }
  return zone;
}

MovedZone read(const fs::path& file, const Name& zone, Signatures signatures) {
  MovedZoneBuilder builder(zone, file.string(), signatures);
  const auto text = read_file_text(file, kMaxFileOctets);
  if (!text) {
    builder.problem(text.error().detail);
  } else if (is_of_technitium(*text)) {
    read_technitium_zone(*text, boost::json::value(), builder);
  } else {
    read_master_file(
        builder, *text,
        {.origin = zone, .file_name = file.string(), .open_include = include_from_file_system()});
  }
  return builder.finish();
}

}  // namespace

Result<Migration> migrate_from_folder(const fs::path& folder, const MoveChoice& choice) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->path().filename().string().starts_with('.')) {
      files.push_back(entry->path());
    }
  }
  if (error) {
    return fail(Errc::kIo, "cannot read the folder {}: {}", folder.string(), error.message());
  }
  std::ranges::sort(files);
  Migration migration;
  for (const fs::path& file : files) {
    const auto zone = zone_of_file(file);
    if (!fs::is_regular_file(file, error) || !zone) {
      migration.left_out.push_back(
          {file.string(), zone ? "no file" : "its name says no zone: expected example.com.zone"});
    } else if (choice.wants(*zone)) {
      migration.zones.push_back(read(file, *zone, choice.signatures));
    }
  }
  tell_of_missing(choice, migration);
  return migration;
}

}  // namespace tandem
