#include "common/store/rocks_database.h"

#include <optional>
#include <utility>

#include <rocksdb/file_system.h>
#include <rocksdb/sst_file_reader.h>

#include "common/store/rocks_options.h"
#include "common/store/store_folder.h"
#include "common/store/wal_check.h"

namespace tandem {
namespace {

using std::filesystem::path;
using Recovery = rocksdb::WALRecoveryMode;

enum class Access : std::uint8_t { kReadOnly, kExisting, kCreating };

constexpr std::string_view kFormatKey = "format";
constexpr std::uint8_t kFormat = 1;
constexpr std::string_view kAdvice =
    "restore a backup; or start with an empty folder and `tandemctl zone import` what `tandemctl "
    "zone export` gives on the other node, which must keep its own folder until then";
constexpr int kMostCuts = 2;  // the manifest and the newest write-ahead log
constexpr std::size_t kCacheOctets = std::size_t{1} << 20U;

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

Attempt try_open(const RocksOptions& options, Access access, Recovery recovery) {
  auto database = std::make_shared<Database>();
  if (options.file_system != nullptr) {
    database->env = rocksdb::NewCompositeEnv(file_system_of(options));
  }
  database->cache = rocksdb::NewLRUCache(kCacheOctets);
  rocksdb::Env* const env =
      database->env != nullptr ? database->env.get() : rocksdb::Env::Default();
  const rocksdb::DBOptions db_options =
      database_options(env, access == Access::kCreating, recovery);
  const auto families = family_descriptors(database->cache);
  const std::string folder = options.folder.string();
  rocksdb::DB* raw = nullptr;
  const rocksdb::Status status =
      access == Access::kReadOnly
          ? rocksdb::DB::OpenForReadOnly(db_options, folder, families, &database->handles, &raw)
          : rocksdb::DB::Open(db_options, folder, families, &database->handles, &raw);
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
  const Access access = files.has_current ? Access::kExisting : Access::kCreating;
  Attempt attempt = try_open(options, access, recovery);
  for (int cuts = 0; attempt.status.IsCorruption() && cuts < kMostCuts; ++cuts) {
    lock.emplace(TRY(FolderLock::take(options)));
    const auto refusal = open_error(options.folder, attempt.status);
    files.doubtful.push_back(TRY(cut_damaged_log(files, refusal.error())));
    lock.reset();
    attempt = try_open(options, Access::kExisting, Recovery::kPointInTimeRecovery);
  }
  if (!attempt.status.ok()) {
    return open_error(options.folder, attempt.status);
  }
  OpenedDatabase out{std::move(attempt.database), OpenState::kClean, {}, files.doubtful};
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

/// What was buffered and is in no table yet.
ImageRows unflushed_images(const Database& database) {
  rocksdb::ReadOptions options;
  options.read_tier = rocksdb::kMemtableTier;
  const std::unique_ptr<rocksdb::Iterator> at(
      database.db->NewIterator(options, database.of(Family::kImage)));
  ImageRows rows;
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    rows.emplace_back(at->key().ToString(), at->value().ToString());
  }
  return rows;
}

}  // namespace

Database::~Database() {
  ImageRows left = db != nullptr && is_reopened ? unflushed_images(*this) : ImageRows();
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  if (db != nullptr) {
    db->Close().PermitUncheckedError();  // what matters is durable already
  }
  db.reset();
  lock.reset();
  closed.set_value(std::move(left));
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

Result<OpenedDatabase> open_for_reading(const RocksOptions& options) {
  // RocksDB takes no lock when it only reads.
  auto lock = std::make_shared<FolderLock>(TRY(FolderLock::take(options)));
  Attempt attempt = try_open(options, Access::kReadOnly, Recovery::kTolerateCorruptedTailRecords);
  if (!attempt.status.ok()) {
    return open_error(options.folder, attempt.status);
  }
  TRYV(check_format(*attempt.database, options.folder));
  attempt.database->lock = std::move(lock);
  return OpenedDatabase{std::move(attempt.database),
                        OpenState::kReadOnly,
                        {},
                        TRY(list_store_files(options.folder)).doubtful};
}

}  // namespace tandem
