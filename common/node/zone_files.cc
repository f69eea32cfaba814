#include "common/node/zone_files.h"

#include <fstream>
#include <sstream>

#include "common/base/logging.h"
#include "common/crypto/digest.h"
#include "common/node/plans.h"

namespace tandem {
namespace {

constexpr std::size_t kShownDiagnostics = 20;

/// What is remembered of a file's last load.
struct LastLoad {
  Digest256 file{};     // SHA-256 of its octets
  Digest256 content{};  // the zone's content digest after it
};

Octets last_load_key(NameView zone) {
  Octets key = to_octets(as_octets("file/"));
  append(key, Name(zone).lower().wire());
  return key;
}

std::optional<LastLoad> read_last_load(const Store& store, NameView zone) {
  const auto value = store.get(Family::kMeta, last_load_key(zone));
  if (!value || !*value || (*value)->size() != 64) {
    return std::nullopt;
  }
  LastLoad last;
  std::copy_n((*value)->begin(), 32, last.file.begin());
  std::copy_n((*value)->begin() + 32, 32, last.content.begin());
  return last;
}

void remember_load(Store& store, NameView zone, const LastLoad& load) {
  Octets value = to_octets(load.file);
  append(value, load.content);
  WriteBatch batch;
  batch.put(Family::kMeta, last_load_key(zone), value);
  if (const auto kept = store.write(batch, Durability::kBuffered); !kept) {
    log_warn("cannot remember the load of a zone file reason=\"{}\"", kept.error().detail);
  }
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    return fail(Errc::kIo, "cannot read the zone file {}: {}", path.string(),
                std::error_code(errno, std::generic_category()).message());
  }
  return std::move(text).str();
}

void log_diagnostics(const std::vector<Diagnostic>& diagnostics) {
  std::size_t shown = 0;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (++shown > kShownDiagnostics) {
      log_warn("and {} more findings: `tandemctl zone check` shows all",
               diagnostics.size() - kShownDiagnostics);
      return;
    }
    const bool is_error = diagnostic.severity == Diagnostic::Severity::kError;
    log_at(is_error ? LogLevel::kError : LogLevel::kWarn, "{}", diagnostic.to_text());
  }
}

/// Loads one file if its turn has come. False when the zone is not answered afterwards.
class FileLoader {
 public:
  FileLoader(Node& node, ReplicatedLog& log, ChangeSink& sink, const ZoneFile& file)
      : node_(node), log_(log), sink_(sink), file_(file) {}

  bool run() {
    record_ = log_.table().find(file_.zone);
    const bool is_answered = record_ != nullptr && record_->zone != nullptr;
    const auto text = read_file(file_.file);
    if (!text) {
      log_error("{}", text.error().detail);
      return is_answered;
    }
    load_.file = sha256(as_octets(*text));
    const auto last = read_last_load(node_.store(), file_.zone);
    if (is_answered && last && !is_due(*last)) {
      return true;
    }
    const ZoneLimits limits = record_ != nullptr ? record_->limits() : ZoneLimits{};
    LoadedZone loaded =
        load_zone(file_.zone, *text, file_.file.string(), include_from_file_system(), limits);
    log_diagnostics(loaded.diagnostics);
    if (loaded.zone == nullptr) {
      log_error("zone file not loaded zone={} file={} serving={}", file_.zone.to_text(),
                file_.file.string(), is_answered ? "the version before" : "nothing");
      return is_answered;
    }
    if (is_answered && !last) {
      return take_note(*loaded.zone);
    }
    if (!is_answered) {
      node_.publisher().publish_early(loaded.zone);
    }
    submit(std::move(loaded.zone));
    return true;
  }

 private:
  [[nodiscard]] bool is_due(const LastLoad& last) const {
    if (last.file == load_.file) {
      return false;
    }
    if (record_->digest.value() != last.content) {
      pass_over();
      return false;
    }
    return true;
  }

  /// The store has the zone and remembers no load: the node was killed between the two, or the zone
  /// came another way.
  bool take_note(const Zone& zone) {
    if (content_digest_of(zone) != record_->digest) {
      pass_over();
      return true;
    }
    load_.content = record_->digest.value();
    remember_load(node_.store(), file_.zone, load_);
    return true;
  }

  void pass_over() const {
    log_warn(
        "zone file passed over zone={} file={} reason=\"the zone was changed otherwise since\" "
        "advice=\"tandemctl zone import --replace {}={} takes the file\"",
        file_.zone.to_text(), file_.file.string(), file_.zone.to_text(), file_.file.string());
  }

  void submit(ZonePtr zone) {
    const std::string file = file_.file.string();
    sink_.submit({{"tandem", "file", file, "zone file"},
                  {},
                  plan_import(file_.zone, std::move(zone), IfMissing::kCreate),
                  [&log = log_, &store = node_.store(), load = load_, name = file_.zone,
                   file](const Result<Receipt>& receipt) mutable {
                    if (!receipt) {
                      log_error("zone file not stored zone={} file={} reason=\"{}\"",
                                name.to_text(), file, receipt.error().detail);
                      return;
                    }
                    if (const ZoneRecordPtr record = log.table().find(name); record != nullptr) {
                      load.content = record->digest.value();
                      remember_load(store, name, load);
                      log_info("zone loaded zone={} serial={} records={} file={}", name.to_text(),
                               record->zone->serial(), record->zone->record_count(), file);
                    }
                  }});
  }

  Node& node_;
  ReplicatedLog& log_;
  ChangeSink& sink_;
  const ZoneFile& file_;
  ZoneRecordPtr record_;
  LastLoad load_;
};

}  // namespace

LoadedZone load_zone(NameView origin, std::string_view text, const std::string& file_name,
                     const IncludeOpener& includes, const ZoneLimits& limits) {
  LoadedZone loaded;
  ZoneBuilder builder(origin, limits);
  MasterFileOptions options;
  options.origin = origin;
  options.file_name = file_name;
  options.open_include = includes;
  RecordPlaces places;
  MasterFileReport report = parse_master_file(text, options, [&](const MasterFileRecord& record) {
    builder.add({record.owner, record.type, record.ttl, record.rdata}, places.note(record.place));
  });
  const bool has_errors = report.has_errors();
  loaded.diagnostics = std::move(report.diagnostics);
  if (has_errors) {
    return loaded;  // what is left of the zone would only show what the errors took away
  }
  ZoneBuilder::Outcome built = builder.build();
  for (ZoneFinding& finding : built.findings) {
    loaded.diagnostics.push_back(to_diagnostic(std::move(finding), places, report.files));
  }
  loaded.zone = std::move(built.zone);
  return loaded;
}

std::size_t load_zone_files(Node& node, ReplicatedLog& log, ChangeSink& sink) {
  std::size_t answered = 0;
  for (const ZoneFile& file : node.config().zones) {
    answered += FileLoader(node, log, sink, file).run() ? 1U : 0U;
  }
  return answered;
}

}  // namespace tandem
