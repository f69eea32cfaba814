#include "common/store/rocks_database.h"

#include <array>
#include <optional>
#include <utility>

#include <rocksdb/file_system.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>

#include "common/store/rocks_logger.h"
#include "common/store/store_folder.h"
#include "common/store/wal_check.h"

namespace tandem {
namespace {

using std::filesystem::path;
using Recovery = rocksdb::WALRecoveryMode;

enum class Creation : std::uint8_t { kNever, kIfMissing };

constexpr std::array<const char*, kFamilyCount> kFamilyNames{"log", "zone_log", "image", "meta",
                                                             "secret"};
constexpr std::string_view kFormatKey = "format";
constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kAdvice =
    "restore a backup; or start with an empty folder and `tandemctl zone import` what `tandemctl "
    "zone export` gives on the other node, which must keep its own folder until then";
constexpr int kMostCuts = 2;  // the manifest and the newest write-ahead log
constexpr std::size_t kMebi = std::size_t{1} << 20U;
/// Four times what RocksStore lets gather before it flushes: RocksDB itself never does, so that it
/// never holds up other writers meanwhile.
constexpr std::size_t kImageMemtableOctets = 32 * kMebi;

// --- options ------------------------------------------------------------------------------------

rocksdb::DBOptions database_options(rocksdb::Env* env, Creation creation, Recovery recovery) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = creation == Creation::kIfMissing;
  options.create_missing_column_families = true;
  // What was synced must never be rolled back, nor may a log be half used again or synced behind
  // our back (docs/formats/store.md, "Recovery").
  options.wal_recovery_mode = recovery;
  options.track_and_verify_wals_in_manifest = true;
  options.recycle_log_file_num = 0;
  options.wal_bytes_per_sync = 0;
  options.max_bgerror_resume_count = 0;  // reopen() is the only way back from an error
  options.max_total_wal_size = 16 * kMebi;
  options.max_open_files = 64;
  options.max_background_jobs = 2;
  options.max_manifest_file_size = 4 * kMebi;
  options.avoid_unnecessary_blocking_io = true;
  options.avoid_flush_during_shutdown = true;  // the log has everything that counts
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log = make_rocks_logger();
  return options;
}

rocksdb::ColumnFamilyOptions family_options(Family family,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16 * 1024;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kLZ4Compression;
  options.write_buffer_size = family == Family::kImage ? kImageMemtableOctets
                              : family == Family::kLog ? 4 * kMebi
                                                       : kMebi;
  options.max_write_buffer_number = 4;
  // A change must not wait for a compaction: the store is small, and the log's retention bounds it.
  options.level0_slowdown_writes_trigger = 1000;
  options.level0_stop_writes_trigger = 2000;
  options.soft_pending_compaction_bytes_limit = 0;
  options.hard_pending_compaction_bytes_limit = 0;
  return options;
}

std::shared_ptr<rocksdb::FileSystem> file_system_of(const RocksOptions& options) {
  return options.file_system == nullptr
             ? rocksdb::FileSystem::Default()
             : std::static_pointer_cast<rocksdb::FileSystem>(options.file_system);
}

/// RocksDB's text. Tables that it does not find it asks for by their name of years ago before it
/// gives up.
std::string text_of(const rocksdb::Status& status) {
  std::string text = status.ToString();
  static constexpr std::string_view kOldExtension = ".ldb";
  for (std::size_t at = text.find(kOldExtension); at != std::string::npos;
       at = text.find(kOldExtension, at)) {
    text.replace(at, kOldExtension.size(), ".sst");
  }
  return text;
}

/// RocksDB's text often names the manifest instead of the table that it could not read: looks at
/// each one.
std::string unreadable_tables(const path& folder) {
  std::string names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".sst") {
      continue;
    }
    rocksdb::SstFileReader table((rocksdb::Options()));
    if (!table.Open(entry.path().string()).ok() || !table.VerifyChecksum().ok()) {
      names += names.empty() ? ", unreadable: " : ", ";
      names += entry.path().string();
    }
  }
  return names;
}

std::unexpected<Error> open_error(const path& folder, const rocksdb::Status& status) {
  const std::string text = text_of(status);
  if (status.IsIOError() && text.find("Permission denied") != std::string::npos) {
    return fail(Errc::kIo,
                "no permission for {} ({}): has it been started as another user before? chown -R "
                "the data folder to this one's",
                folder.string(), text);
  }
  if (status.IsIOError() && text.find("/LOCK") != std::string::npos) {
    return fail(Errc::kRefused, "{} is in use by another tandem process", folder.string());
  }
  if (status.IsInvalidArgument() && text.find("olumn famil") != std::string::npos) {
    return fail(Errc::kRefused,
                "{} was written by a newer tandem: start that version again, or restore a backup "
                "({})",
                folder.string(), text);
  }
  if (status.IsPathNotFound() || status.IsNotFound()) {
    return fail(Errc::kCorrupt, "a file of the store is missing: {}: {}", text, kAdvice);
  }
  if (status.IsCorruption()) {
    return fail(Errc::kCorrupt, "the store in {} is damaged: {}{}: {}", folder.string(), text,
                unreadable_tables(folder), kAdvice);
  }
  return in_context(folder.string(), error_of(status).error());
}

/// One try, whose status the caller judges.
struct Attempt {
  DatabasePtr database;
  rocksdb::Status status;
};

Attempt try_open(const RocksOptions& options, Creation creation, Recovery recovery) {
  auto database = std::make_shared<Database>();
  if (options.file_system != nullptr) {
    database->env = rocksdb::NewCompositeEnv(file_system_of(options));
  }
  database->cache = rocksdb::NewLRUCache(kMebi);
  rocksdb::Env* const env =
      database->env != nullptr ? database->env.get() : rocksdb::Env::Default();
  const rocksdb::DBOptions db_options = database_options(env, creation, recovery);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName,
                        family_options(Family::kMeta, database->cache));
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    families.emplace_back(kFamilyNames[i], family_options(static_cast<Family>(i), database->cache));
  }
  rocksdb::DB* raw = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(db_options, options.folder.string(), families, &database->handles, &raw);
  database->db.reset(raw);
  return {status.ok() ? std::move(database) : nullptr, status};
}

// --- recovery -----------------------------------------------------------------------------------

/// RocksDB's own lock on the folder: nobody else has the files open while we look at them and cut.
class FolderLock {
 public:
  static Result<FolderLock> take(const RocksOptions& options) {
    FolderLock lock(file_system_of(options));
    const std::string file = (options.folder / "LOCK").string();
    const rocksdb::IOStatus status =
        lock.files_->LockFile(file, rocksdb::IOOptions(), &lock.lock_, nullptr);
    if (!status.ok()) {
      return open_error(options.folder, status);
    }
    return lock;
  }

  FolderLock(FolderLock&& other) noexcept
      : files_(std::move(other.files_)), lock_(std::exchange(other.lock_, nullptr)) {}

  FolderLock& operator=(FolderLock&&) = delete;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  ~FolderLock() {
    if (lock_ != nullptr) {
      files_->UnlockFile(lock_, rocksdb::IOOptions(), nullptr).PermitUncheckedError();
    }
  }

 private:
  explicit FolderLock(std::shared_ptr<rocksdb::FileSystem> files) : files_(std::move(files)) {}

  std::shared_ptr<rocksdb::FileSystem> files_;
  rocksdb::FileLock* lock_ = nullptr;
};

/// What the folder looks like before RocksDB opens it.
struct Survey {
  StoreFiles files;
  WalFinding newest_wal;
};

Result<Survey> survey(const path& folder) {
  Survey out{TRY(list_store_files(folder)), {}};
  const bool has_wal = !out.files.wals.empty();
  if (!out.files.has_current && (has_wal || out.files.has_tables)) {
    return fail(Errc::kCorrupt, "{} is missing, but the folder holds a store: {}",
                (folder / "CURRENT").string(), kAdvice);
  }
  if (!has_wal &&
      out.files.has_tables) {  // RocksDB always has one, and takes its absence for an empty one
    return fail(Errc::kCorrupt, "{} is missing: {}", (folder / "*.log").string(), kAdvice);
  }
  if (!out.files.wals.empty()) {
    out.newest_wal = TRY(examine_wal(out.files.wals.back(), WalCheck::kHeads));
  }
  return out;
}

/// Cuts the manifest or the newest write-ahead log where what follows is not whole, after a copy
/// was made, and returns the copy. A manifest is only cut at its end: everything else in it is
/// needed. Fails: kCorrupt when an older log is damaged; `refusal` when there is nothing to cut.
/// Requires: the folder is locked.
Result<path> cut_damaged_log(const StoreFiles& files, const Error& refusal) {
  if (!files.manifest.empty()) {
    const WalFinding finding = TRY(examine_wal(files.manifest, WalCheck::kChecksums));
    if (finding.shape == WalShape::kTorn && finding.good_octets > 0) {
      return set_log_aside(files.manifest, finding.good_octets);
    }
  }
  for (const path& wal : files.wals) {
    const WalFinding finding = TRY(examine_wal(wal, WalCheck::kChecksums));
    const bool is_newest = &wal == &files.wals.back();
    if (is_newest && finding.shape != WalShape::kWhole) {
      return set_log_aside(wal, finding.good_octets);
    }
    if (finding.shape == WalShape::kDamaged) {
      return fail(Errc::kCorrupt, "{} is damaged after {} octets and newer logs follow it: {}",
                  wal.string(), finding.good_octets, kAdvice);
    }
  }
  return std::unexpected(refusal);
}

std::string doubt_of(const std::vector<path>& copies) {
  std::string text = "a damaged log was set aside as ";
  for (const path& copy : copies) {
    text += copy.string();
    text += &copy == &copies.back() ? "" : ", ";
  }
  return text + ": the last changes may be missing";
}

/// Opens the database in a folder that exists. Synced writes are lost only where the outcome says
/// kDoubtful.
Result<OpenedDatabase> recover(const RocksOptions& options) {
  auto lock = std::make_optional(TRY(FolderLock::take(options)));
  Survey found = TRY(survey(options.folder));
  StoreFiles& files = found.files;
  Recovery recovery = Recovery::kTolerateCorruptedTailRecords;
  if (found.newest_wal.shape == WalShape::kDamaged) {
    files.doubtful.push_back(TRY(cut_damaged_log(files, Error{Errc::kCorrupt, "damaged log"})));
    recovery = Recovery::kPointInTimeRecovery;
  }
  lock.reset();
  const Creation creation = files.has_current ? Creation::kNever : Creation::kIfMissing;
  Attempt attempt = try_open(options, creation, recovery);
  for (int cuts = 0; attempt.status.IsCorruption() && cuts < kMostCuts; ++cuts) {
    lock.emplace(TRY(FolderLock::take(options)));
    const auto refusal = open_error(options.folder, attempt.status);
    files.doubtful.push_back(TRY(cut_damaged_log(files, refusal.error())));
    lock.reset();
    attempt = try_open(options, Creation::kNever, Recovery::kPointInTimeRecovery);
  }
  if (!attempt.status.ok()) {
    return open_error(options.folder, attempt.status);
  }
  OpenedDatabase out{std::move(attempt.database), OpenState::kClean, {}};
  if (!files.doubtful.empty()) {
    out.state = OpenState::kDoubtful;
    out.detail = doubt_of(files.doubtful);
  } else if (found.newest_wal.shape == WalShape::kTorn) {
    out.state = OpenState::kTornTail;
    out.detail = fmt::format("{} ended in half a record after {} octets",
                             files.wals.back().string(), found.newest_wal.good_octets);
  }
  return out;
}

/// Holds the folder to this version's format, or gives a new one its stamp.
Status check_format(const Database& database, const path& folder) {
  std::string stamp;
  const rocksdb::Slice key(kFormatKey.data(), kFormatKey.size());
  const rocksdb::Status found =
      database.db->Get(rocksdb::ReadOptions(), database.of(Family::kMeta), key, &stamp);
  if (found.IsNotFound()) {
    const std::unique_ptr<rocksdb::Iterator> any(
        database.db->NewIterator(rocksdb::ReadOptions(), database.of(Family::kMeta)));
    any->SeekToFirst();
    if (any->Valid()) {
      return fail(Errc::kCorrupt, "{} has no format stamp, but data", folder.string());
    }
    TRYV(to_status(any->status()));
    rocksdb::WriteOptions options;
    options.sync = true;
    return to_status(database.db->Put(options, database.of(Family::kMeta), key,
                                      std::string(1, static_cast<char>(kFormat))));
  }
  TRYV(to_status(found));
  if (stamp.size() != 1 || stamp[0] == 0) {
    return fail(Errc::kCorrupt, "{} has no readable format stamp", folder.string());
  }
  if (const auto version = static_cast<std::uint8_t>(stamp[0]); version > kFormat) {
    return fail(
        Errc::kRefused,
        "{} has store format {}, this tandem knows up to {}: start the newer version again, "
        "or restore a backup made before the upgrade",
        folder.string(), version, kFormat);
  }
  return {};
}

}  // namespace

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  if (db != nullptr) {
    db->Close().PermitUncheckedError();  // what matters is durable already
  }
  db.reset();
  closed.set_value();
}

std::unexpected<Error> error_of(const rocksdb::Status& status) {
  const std::string text = text_of(status);
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace) {
    return fail(Errc::kNoSpace, "the store's disk is full: {}", text);
  }
  return fail(status.IsCorruption() ? Errc::kCorrupt : Errc::kIo, "store: {}", text);
}

Status to_status(const rocksdb::Status& status) {
  if (status.ok()) {
    return {};
  }
  return error_of(status);
}

Result<OpenedDatabase> open_database(const RocksOptions& options) {
  TRYV(make_store_folder(options.folder));
  OpenedDatabase opened = TRY(recover(options));
  TRYV(check_format(*opened.database, options.folder));
  return opened;
}

}  // namespace tandem
