#include "tests/support/faulty_file_system.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <rocksdb/file_system.h>

#include "common/base/check.h"

namespace tandem::testing {
namespace {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kPage = 4096;

IOStatus power_is_off() {
  return IOStatus::IOError("the power is off");
}

/// What is known of one file, whatever its name is by now.
struct FileState {
  std::uint64_t size = 0;
  std::uint64_t synced = 0;
  bool sync_failed =
      false;  // the system forgot what was not written then: no later sync makes it durable
};

using FileStatePtr = std::shared_ptr<FileState>;

/// A change of a folder's names that is not durable yet.
struct NameChange {
  enum class Kind : std::uint8_t { kCreate, kDelete, kRename };
  Kind kind;
  fs::path from;
  fs::path to;      // kRename
  fs::path backup;  // what was at `from` (kDelete) or at `to` (kRename) before; empty: nothing
};

}  // namespace

class FaultyFileSystem::Files final : public rocksdb::FileSystemWrapper {
 public:
  Files(fs::path folder, std::uint64_t seed)
      : FileSystemWrapper(rocksdb::FileSystem::Default()),
        folder_(std::move(folder)),
        undo_folder_(folder_.string() + ".undo"),
        random_(seed) {
    fs::create_directories(undo_folder_);
  }

  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  ~Files() override { fs::remove_all(undo_folder_); }

  const char* Name() const override { return "FaultyFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override;

  IOStatus ReopenWritableFile(const std::string& /*name*/, const rocksdb::FileOptions& /*options*/,
                              std::unique_ptr<rocksdb::FSWritableFile>* /*result*/,
                              IODebugContext* /*debug*/) override {
    return IOStatus::NotSupported("not used by our options");
  }

  IOStatus ReuseWritableFile(const std::string& /*name*/, const std::string& /*old_name*/,
                             const rocksdb::FileOptions& /*options*/,
                             std::unique_ptr<rocksdb::FSWritableFile>* /*result*/,
                             IODebugContext* /*debug*/) override {
    return IOStatus::NotSupported("not used by our options");
  }

  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* debug) override;
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override;
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override;

  IOStatus LinkFile(const std::string& /*from*/, const std::string& /*to*/,
                    const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return IOStatus::NotSupported("not used by our options");
  }

  IOStatus append(rocksdb::FSWritableFile& file, FileState& state, const Slice& data,
                  const IOOptions& options, IODebugContext* debug);
  IOStatus sync(FileState& state);
  IOStatus sync_names();

  void restore(Tail tail);

  std::mutex mutex_;  // guards the rest
  std::uint64_t operations_ = 0;
  std::uint64_t cut_at_ = kNever;
  bool is_cut_ = false;
  std::uint64_t sync_to_fail_ = 0;
  std::uint64_t space_ = kNever;

 private:
  /// Counts an operation. False: the power is off, it must have no effect.
  [[nodiscard]] bool begin_operation();

  [[nodiscard]] std::uint64_t chance(std::uint64_t below) {
    return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random_);
  }

  /// Moves a file to where undo() finds it. Empty: there is none.
  [[nodiscard]] fs::path set_aside(const fs::path& file);
  void undo(const NameChange& change);
  /// False when there is no such file. Never throws: RocksDB's own threads come here.
  bool move_file(const fs::path& from, const fs::path& to);
  void restore_content(const fs::path& file, FileState& state, Tail tail);

  const fs::path folder_;
  const fs::path undo_folder_;
  std::mt19937_64 random_;
  std::uint64_t backups_ = 0;
  std::map<fs::path, FileStatePtr> states_;  // backups too
  std::vector<NameChange> names_;            // in order
};

namespace {

template <class Files>
class TrackedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TrackedFile(std::unique_ptr<rocksdb::FSWritableFile> file, FileStatePtr state, Files& files)
      : FSWritableFileOwnerWrapper(std::move(file)), state_(std::move(state)), files_(files) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return files_.append(*target(), *state_, data, options, debug);
  }

  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*info*/, IODebugContext* debug) override {
    return files_.append(*target(), *state_, data, options, debug);
  }

  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return files_.sync(*state_);
  }

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return files_.sync(*state_);
  }

  IOStatus RangeSync(std::uint64_t /*offset*/, std::uint64_t /*octets*/,
                     const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return IOStatus::OK();
  }

 private:
  FileStatePtr state_;
  Files& files_;
};

template <class Files>
class TrackedFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  TrackedFolder(std::unique_ptr<rocksdb::FSDirectory> folder, Files& files)
      : FSDirectoryWrapper(std::move(folder)), files_(files) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return files_.sync_names();
  }

  IOStatus FsyncWithDirOptions(const IOOptions& /*options*/, IODebugContext* /*debug*/,
                               const rocksdb::DirFsyncOptions& /*what*/) override {
    return files_.sync_names();
  }

 private:
  Files& files_;
};

}  // namespace

bool FaultyFileSystem::Files::begin_operation() {
  is_cut_ = is_cut_ || operations_ >= cut_at_;
  operations_ += is_cut_ ? 0 : 1;
  return !is_cut_;
}

fs::path FaultyFileSystem::Files::set_aside(const fs::path& file) {
  fs::path backup = undo_folder_ / std::to_string(backups_++);
  return move_file(file, backup) ? backup : fs::path();
}

bool FaultyFileSystem::Files::move_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) {
    return false;
  }
  auto state = states_.extract(from);
  states_.erase(to);
  if (!state.empty()) {
    state.key() = to;
    states_.insert(std::move(state));
  }
  return true;
}

IOStatus FaultyFileSystem::Files::NewWritableFile(const std::string& name,
                                                  const rocksdb::FileOptions& options,
                                                  std::unique_ptr<rocksdb::FSWritableFile>* result,
                                                  IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (!begin_operation()) {
    return power_is_off();
  }
  if (fs::path backup = set_aside(name); !backup.empty()) {
    names_.push_back({NameChange::Kind::kDelete, name, {}, std::move(backup)});
  }
  std::unique_ptr<rocksdb::FSWritableFile> file;
  IOStatus status = target()->NewWritableFile(name, options, &file, debug);
  if (!status.ok()) {
    return status;
  }
  names_.push_back({NameChange::Kind::kCreate, name, {}, {}});
  const FileStatePtr state = states_[name] = std::make_shared<FileState>();
  *result = std::make_unique<TrackedFile<Files>>(std::move(file), state, *this);
  return status;
}

IOStatus FaultyFileSystem::Files::NewDirectory(const std::string& name, const IOOptions& options,
                                               std::unique_ptr<rocksdb::FSDirectory>* result,
                                               IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> folder;
  IOStatus status = target()->NewDirectory(name, options, &folder, debug);
  if (status.ok()) {
    *result = std::make_unique<TrackedFolder<Files>>(std::move(folder), *this);
  }
  return status;
}

IOStatus FaultyFileSystem::Files::DeleteFile(const std::string& name, const IOOptions& /*options*/,
                                             IODebugContext* /*debug*/) {
  const std::lock_guard lock(mutex_);
  if (!begin_operation()) {
    return power_is_off();
  }
  fs::path backup = set_aside(name);
  if (backup.empty()) {
    return IOStatus::PathNotFound(name);
  }
  names_.push_back({NameChange::Kind::kDelete, name, {}, std::move(backup)});
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::Files::RenameFile(const std::string& from, const std::string& to,
                                             const IOOptions& /*options*/,
                                             IODebugContext* /*debug*/) {
  const std::lock_guard lock(mutex_);
  if (!begin_operation()) {
    return power_is_off();
  }
  if (!fs::exists(from)) {
    return IOStatus::PathNotFound(from);
  }
  NameChange change{NameChange::Kind::kRename, from, to, set_aside(to)};
  if (!move_file(from, to)) {
    return IOStatus::PathNotFound(from);
  }
  names_.push_back(std::move(change));
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::Files::append(rocksdb::FSWritableFile& file, FileState& state,
                                         const Slice& data, const IOOptions& options,
                                         IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (is_cut_) {
    return power_is_off();
  }
  const bool is_last = !begin_operation();  // the power fails in the middle of it
  const bool is_full = data.size() > space_;
  const std::uint64_t octets = is_full ? space_ : is_last ? chance(data.size() + 1) : data.size();
  IOStatus status = file.Append(Slice(data.data(), octets), options, debug);
  state.size += octets;
  space_ -= space_ == kNever ? 0 : octets;
  if (is_last) {
    return power_is_off();
  }
  return is_full ? IOStatus::NoSpace("no space left on this device") : status;
}

IOStatus FaultyFileSystem::Files::sync(FileState& state) {
  const std::lock_guard lock(mutex_);
  if (!begin_operation()) {
    return power_is_off();
  }
  if (sync_to_fail_ > 0) {
    --sync_to_fail_;
    if (sync_to_fail_ == 0) {
      state.sync_failed = true;
      return IOStatus::IOError("sync failed on command");
    }
  }
  if (!state.sync_failed) {
    state.synced = state.size;
  }
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::Files::sync_names() {
  const std::lock_guard lock(mutex_);
  if (!begin_operation()) {
    return power_is_off();
  }
  for (const NameChange& change : names_) {
    if (!change.backup.empty()) {
      fs::remove(change.backup);
      states_.erase(change.backup);
    }
  }
  names_.clear();
  return IOStatus::OK();
}

void FaultyFileSystem::Files::undo(const NameChange& change) {
  switch (change.kind) {
    case NameChange::Kind::kCreate:
      fs::remove(change.from);
      states_.erase(change.from);
      break;
    case NameChange::Kind::kDelete:
      CHECK(move_file(change.backup, change.from));
      break;
    case NameChange::Kind::kRename:
      CHECK(move_file(change.to, change.from));
      CHECK(change.backup.empty() || move_file(change.backup, change.to));
      break;
  }
}

void FaultyFileSystem::Files::restore_content(const fs::path& file, FileState& state, Tail tail) {
  const std::uint64_t size = std::min<std::uint64_t>(state.size, fs::file_size(file));
  const std::uint64_t synced = std::min(state.synced, size);
  const std::uint64_t lost = size - synced;
  const std::uint64_t kept = chance(3) == 0 ? 0 : chance(3) == 0 ? lost : chance(lost + 1);
  state.size = synced + kept;
  state.synced = state.size;
  state.sync_failed = false;
  fs::resize_file(file, state.size);
  if (tail == Tail::kCut || kept == 0) {
    return;
  }
  const std::uint64_t torn = 1 + chance(std::min(kept, kPage));
  std::string garbage(torn, '\0');
  if (chance(2) == 0) {
    std::ranges::generate(garbage, [this] { return static_cast<char>(chance(256)); });
  }
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(static_cast<std::streamoff>(state.size - torn));
  out.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
  CHECK(out.good());
}

void FaultyFileSystem::Files::restore(Tail tail) {
  const std::lock_guard lock(mutex_);
  const std::size_t kept = chance(2) == 0 ? 0 : chance(names_.size() + 1);
  while (names_.size() > kept) {
    undo(names_.back());
    names_.pop_back();
  }
  for (const NameChange& change : names_) {
    if (!change.backup.empty()) {
      fs::remove(change.backup);
      states_.erase(change.backup);
    }
  }
  names_.clear();
  for (auto& [file, state] : states_) {
    restore_content(file, *state, tail);
  }
  is_cut_ = false;
  cut_at_ = kNever;
}

FaultyFileSystem::FaultyFileSystem(fs::path folder, std::uint64_t seed)
    : files_(std::make_shared<Files>(std::move(folder), seed)) {}

FaultyFileSystem::~FaultyFileSystem() = default;

std::shared_ptr<void> FaultyFileSystem::seam() const {
  return std::shared_ptr<rocksdb::FileSystem>(files_);
}

std::uint64_t FaultyFileSystem::operations() const {
  const std::lock_guard lock(files_->mutex_);
  return files_->operations_;
}

void FaultyFileSystem::cut_power_after(std::uint64_t operations) {
  const std::lock_guard lock(files_->mutex_);
  files_->cut_at_ = files_->operations_ + operations;
}

bool FaultyFileSystem::is_power_cut() const {
  const std::lock_guard lock(files_->mutex_);
  return files_->is_cut_;
}

void FaultyFileSystem::restore(Tail tail) {
  files_->restore(tail);
}

void FaultyFileSystem::fail_sync(std::uint64_t nth) {
  const std::lock_guard lock(files_->mutex_);
  files_->sync_to_fail_ = nth;
}

void FaultyFileSystem::set_space(std::uint64_t octets) {
  const std::lock_guard lock(files_->mutex_);
  files_->space_ = octets;
}

void FaultyFileSystem::set_space_unlimited() {
  set_space(kNever);
}

}  // namespace tandem::testing
