#include "common/node/zone_files.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <future>

#include "common/base/logging.h"
#include "common/crypto/digest.h"
#include "common/node/plans.h"
#include "common/zone/diff.h"

namespace tandem {
namespace {

constexpr std::size_t kShownDiagnostics = 20;

/// What is remembered of a file's last load.
struct LastLoad {
  Digest256 file{};     // SHA-256 of its octets, without what it includes
  Digest256 content{};  // content_apart_from_serial() of the zone after it

  friend bool operator==(const LastLoad&, const LastLoad&) = default;
};

/// The serial is raised by every change, also by one that is taken back.
Digest256 content_apart_from_serial(const Zone& zone, ContentDigest digest) {
  digest.apply(serial_change(zone, 0));
  return digest.value();
}

/// Whether what the file says may hang on other files, whose octets are not looked at.
bool may_include(std::string_view text) {
  static constexpr std::string_view kDirective = "$include";
  const auto same = [](unsigned char a, char b) { return std::tolower(a) == b; };
  return !std::ranges::search(text, kDirective, same).empty();
}

Octets last_load_key(NameView zone) {
  Octets key = to_octets(as_octets("file/"));
  append(key, Name(zone).lower().wire());
  return key;
}

std::optional<LastLoad> read_last_load(const Store& store, NameView zone) {
  const std::optional<Octets> value =
      store.get(Family::kMeta, last_load_key(zone)).value_or(std::nullopt);
  if (!value || value->size() != 64) {
    return std::nullopt;
  }
  LastLoad last;
  std::copy_n(value->begin(), 32, last.file.begin());
  std::copy_n(value->begin() + 32, 32, last.content.begin());
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

Result<ZoneText> read_file(const std::filesystem::path& path) {
  std::error_code unknown;  // of a pipe, which has no size
  const std::uintmax_t size = std::filesystem::file_size(path, unknown);
  constexpr std::size_t kStep = std::size_t{1} << 16U;
  std::string text;
  std::size_t octets = 0;
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  while (in) {
    text.resize(octets == 0 && !unknown ? static_cast<std::size_t>(size) + 1 : octets + kStep);
    in.read(text.data() + octets, static_cast<std::streamsize>(text.size() - octets));
    octets += static_cast<std::size_t>(in.gcount());
  }
  if (!in.eof()) {
    return fail(Errc::kIo, "cannot read {}: {}", path.string(),
                std::generic_category().message(errno));
  }
  text.resize(octets);
  return std::make_shared<const std::string>(std::move(text));
}

/// The digest of a large text is made on a thread of its own.
std::future<Digest256> digest_of(ZoneText text) {
  constexpr std::size_t kLargeOctets = std::size_t{1}
                                       << 20U;  // half a millisecond: ten threads' start
  const auto when = text->size() < kLargeOctets ? std::launch::deferred : std::launch::async;
  return std::async(when, [text = std::move(text)]() mutable {
    const Digest256 digest = sha256(as_octets(*text));
    text = nullptr;  // the future may be asked much later
    return digest;
  });
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

/// Whether the same change may be taken later.
bool passes(const Error& error) noexcept {
  return error.code == Errc::kUnavailable || error.code == Errc::kNoSpace ||
         error.code == Errc::kIo;
}

/// Loads one file if its turn has come. False when the zone is not answered afterwards.
class FileLoader {
 public:
  FileLoader(Node& node, ReplicatedLog& log, ChangeSink& sink, const ZoneFile& file,
             const std::function<void()>& on_not_now)
      : node_(node), log_(log), sink_(sink), file_(file), on_not_now_(on_not_now) {}

  bool run() {
    ReplicatedLog& other = log_.id() == LogId::kCluster ? node_.local_log() : node_.cluster_log();
    if (other.table().find(file_.zone) != nullptr) {
      log_info("zone file passed over zone={} reason=\"{}\"", file_.zone.to_text(),
               log_.id() == LogId::kLocal ? "the zone is the cluster's, and this node follows"
                                          : "the zone is this node's own");
      return true;
    }
    record_ = log_.table().find(file_.zone);
    const bool is_answered = record_ != nullptr && record_->zone != nullptr;
    auto text = read_file(file_.file);
    if (!text) {
      not_loaded(text.error().detail, is_answered);
      return is_answered;
    }
    std::future<Digest256> digest = digest_of(*text);
    const auto last = read_last_load(node_.store(), file_.zone);
    if (is_answered) {
      load_.file = digest.get();
      if (last && last->file == load_.file && !may_include(**text)) {
        node_.alarms().set(alarm_name(), "");
        return true;
      }
    }
    const ZoneLimits limits = record_ != nullptr ? record_->limits() : ZoneLimits{};
    LoadedZone loaded =
        load_zone(file_.zone, *std::move(text), file_.file, include_from_file_system(), limits);
    log_diagnostics(loaded.diagnostics);
    if (loaded.zone == nullptr) {
      const auto error = std::ranges::find(loaded.diagnostics, Diagnostic::Severity::kError,
                                           &Diagnostic::severity);
      not_loaded(error != loaded.diagnostics.end() ? error->to_text() : "see the log", is_answered);
      return is_answered;
    }
    node_.alarms().set(alarm_name(), "");
    if (!is_answered) {
      node_.publisher().publish_early(loaded.zone);
      load_.file = digest.get();
      submit(std::move(loaded.zone));
    } else {
      compare(std::move(loaded.zone), last);
    }
    return true;
  }

 private:
  [[nodiscard]] std::string alarm_name() const { return "zone-file:" + file_.zone.to_text(); }

  void not_loaded(std::string_view reason, bool is_answered) const {
    const std::string_view serving = is_answered ? "the version before" : "nothing";
    log_error("zone file not loaded zone={} serving={} reason=\"{}\"", file_.zone.to_text(),
              serving, reason);
    node_.alarms().set(alarm_name(), fmt::format("the file of the zone {} is not loaded, {} is "
                                                 "answered: {}",
                                                 file_.zone.to_text(), serving, reason));
  }

  /// The file is another than last, or nothing is remembered of it: the node was killed before it
  /// was, or the zone came another way.
  void compare(ZonePtr zone, const std::optional<LastLoad>& last) {
    load_.content = content_apart_from_serial(*record_->zone, record_->digest);
    const bool is_same =
        content_apart_from_serial(*zone, content_digest_of(*zone)) == load_.content;
    if (is_same && !is_newer(zone->serial(), record_->zone->serial())) {
      if (last != load_) {
        remember_load(node_.store(), file_.zone, load_);
      }
    } else if (is_same || (last && last->content == load_.content)) {
      submit(std::move(zone));
    } else {
      pass_over();
    }
  }

  void pass_over() const {
    log_warn(
        "zone file passed over zone={} file={} reason=\"the zone was changed otherwise since\" "
        "advice=\"tandemctl zone import --replace {}={} takes the file\"",
        file_.zone.to_text(), file_.file, file_.zone.to_text(), file_.file);
  }

  void submit(ZonePtr zone) {
    const std::string& file = file_.file;
    sink_.submit({{"tandem", "file", file, "zone file"},
                  {},
                  plan_import(file_.zone.view(), std::move(zone), IfMissing::kCreate),
                  [&log = log_, &store = node_.store(), load = load_, name = file_.zone, file,
                   on_not_now = on_not_now_](const Result<Receipt>& receipt) mutable {
                    if (!receipt) {
                      log_error("zone file not stored zone={} file={} reason=\"{}\"",
                                name.to_text(), file, receipt.error().detail);
                      if (passes(receipt.error())) {
                        on_not_now();
                      }
                      return;
                    }
                    if (const ZoneRecordPtr record = log.table().find(name); record != nullptr) {
                      load.content = content_apart_from_serial(*record->zone, record->digest);
                      remember_load(store, name, load);
                      log_info("zone loaded zone={} serial={} records={} file={}", name.to_text(),
                               record->zone->serial(), record->zone->record_count(), file);
                    }
                  },
                  {},
                  true});
  }

  Node& node_;
  ReplicatedLog& log_;
  ChangeSink& sink_;
  const ZoneFile& file_;
  const std::function<void()>& on_not_now_;
  ZoneRecordPtr record_;
  LastLoad load_;
};

}  // namespace

LoadedZone load_zone(NameView origin, ZoneText text, const std::string& file_name,
                     const IncludeOpener& includes, const ZoneLimits& limits) {
  LoadedZone loaded;
  ZoneBuilder builder(origin, limits);
  MasterFileOptions options;
  options.origin = origin;
  options.file_name = file_name;
  options.open_include = includes;
  RecordPlaces places;
  MasterFileReport report = parse_master_file(*text, options, [&](const MasterFileRecord& record) {
    builder.add({record.owner, record.type, record.ttl, record.rdata}, places.note(record.place));
  });
  text = nullptr;
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

std::size_t load_zone_files(Node& node, ReplicatedLog& log, ChangeSink& sink,
                            const std::function<void()>& on_not_now) {
  std::size_t answered = 0;
  for (const ZoneFile& file : node.config().zones) {
    answered += FileLoader(node, log, sink, file, on_not_now).run() ? 1U : 0U;
  }
  return answered;
}

}  // namespace tandem
