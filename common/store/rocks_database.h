// An open RocksDB with our families and options, and how it comes up after a crash. Internal to
// rocks_*.cc, the only files that see RocksDB's headers.
#pragma once

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include "common/base/result.h"
#include "common/store/rocks_store.h"

namespace tandem {

/// Keys and values of image chunks.
using ImageRows = std::vector<std::pair<std::string, std::string>>;

/// RocksDB while it is open. Shared by the calls in progress; `closed` is kept when the last one
/// let go.
struct Database {
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  [[nodiscard]] rocksdb::ColumnFamilyHandle* of(Family family) const noexcept {
    return handles[1 + static_cast<std::size_t>(family)];
  }

  std::shared_ptr<rocksdb::Cache> cache;
  std::unique_ptr<rocksdb::Env> env;                  // of the test seam; null: the real one
  std::vector<rocksdb::ColumnFamilyHandle*> handles;  // RocksDB's own default family first
  std::unique_ptr<rocksdb::DB> db;
  /// Shared while image chunks are buffered, alone while they are flushed: a chunk that can be read
  /// is counted, or a flush that began later sees it.
  std::shared_mutex image_mutex;
  std::atomic<std::size_t> image_octets = 0;  // in the memtable alone
  std::shared_ptr<void> lock;                 // on the folder, where RocksDB does not hold it
  bool is_reopened = false;                   // set by whoever closes it, before letting go
  /// Once everything is closed. When it is opened again: what was buffered and would be lost.
  std::promise<ImageRows> closed;
};

using DatabasePtr = std::shared_ptr<Database>;

struct OpenedDatabase {
  DatabasePtr database;
  OpenState state = OpenState::kClean;
  std::string detail;
  std::vector<std::filesystem::path> doubtful;  // copies of damaged logs in the folder
};

/// Opens or creates, recovers (docs/formats/store.md) and checks the format stamp. Fails like
/// open_rocks_store().
Result<OpenedDatabase> open_database(const RocksOptions& options);

/// Opens what there is without writing anything: a full disk can still be read. Fails like
/// open_rocks_store().
Result<OpenedDatabase> open_for_reading(const RocksOptions& options);

/// kNoSpace, kCorrupt or kIo with RocksDB's text. Requires: !status.ok().
[[nodiscard]] std::unexpected<Error> error_of(const rocksdb::Status& status);

/// The same, or success.
[[nodiscard]] Status to_status(const rocksdb::Status& status);

}  // namespace tandem
