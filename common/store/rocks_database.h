// An open RocksDB with our families and options, and how it comes up after a crash. Internal to
// rocks_*.cc, the only files that see RocksDB's headers.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include "common/base/result.h"
#include "common/store/rocks_store.h"

namespace tandem {

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
  std::mutex image_mutex;                     // held while the images are flushed
  std::atomic<std::size_t> image_octets = 0;  // in the memtable alone
  std::promise<void> closed;
};

using DatabasePtr = std::shared_ptr<Database>;

struct OpenedDatabase {
  DatabasePtr database;
  OpenState state = OpenState::kClean;
  std::string detail;
};

/// Opens or creates, recovers (docs/formats/store.md) and checks the format stamp. Fails like
/// open_rocks_store().
Result<OpenedDatabase> open_database(const RocksOptions& options);

/// kNoSpace, kCorrupt or kIo with RocksDB's text. Requires: !status.ok().
[[nodiscard]] std::unexpected<Error> error_of(const rocksdb::Status& status);

/// The same, or success.
[[nodiscard]] Status to_status(const rocksdb::Status& status);

}  // namespace tandem
