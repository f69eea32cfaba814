#include "common/store/rocks_store.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "common/base/check.h"
#include "common/store/rocks_database.h"
#include "common/store/store_folder.h"

namespace tandem {
namespace {

/// Image chunks skip the write-ahead log and go from the memtable to a table each time so many
/// octets have gathered, on the thread that stores them. docs/formats/store.md has the
/// measurements.
constexpr std::size_t kImageFlushOctets = std::size_t{8} << 20U;

rocksdb::Slice to_slice(OctetSpan octets) noexcept {
  const std::string_view text = as_text(octets);
  return text.empty() ? rocksdb::Slice() : rocksdb::Slice(text.data(), text.size());
}

OctetSpan to_span(const rocksdb::Slice& slice) noexcept {
  return as_octets({slice.data(), slice.size()});
}

class RocksStore final : public Store {
 public:
  /// `failure`: why it can only be read; empty when it is whole.
  RocksStore(RocksOptions options, OpenedDatabase opened, std::string failure)
      : options_(std::move(options)),
        doubtful_(std::move(opened.doubtful)),
        database_(std::move(opened.database)),
        failure_(std::move(failure)) {}

  Result<std::optional<Octets>> get(Family family, OctetSpan key) const override {
    const DatabasePtr database = TRY(current());
    rocksdb::ReadOptions options;
    options.fill_cache = family != Family::kImage;
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        database->db->Get(options, database->of(family), to_slice(key), &value);
    if (status.IsNotFound()) {
      return std::nullopt;
    }
    TRYV(to_status(status));
    return to_octets(to_span(value));
  }

  Status scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const override {
    return walk(family, first, end, visit, &rocksdb::Iterator::SeekToFirst,
                &rocksdb::Iterator::Next);
  }

  Status scan_back(Family family, OctetSpan first, OctetSpan end,
                   const Visit& visit) const override {
    return walk(family, first, end, visit, &rocksdb::Iterator::SeekToLast,
                &rocksdb::Iterator::Prev);
  }

  Status write(const WriteBatch& batch, Durability durability) override;

  [[nodiscard]] std::string write_failure() const override {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

  Status reopen() override;

 private:
  using Seek = void (rocksdb::Iterator::*)();

  Result<DatabasePtr> current() const {
    const std::lock_guard lock(mutex_);
    if (database_ == nullptr) {
      return fail(Errc::kUnavailable, "the store in {} is not open", options_.folder.string());
    }
    return database_;
  }

  Status walk(Family family, OctetSpan first, OctetSpan end, const Visit& visit, Seek start,
              Seek step) const;
  Result<DatabasePtr> writable() const;
  /// Makes buffered image chunks durable.
  Status flush_images(Database& database);
  /// Puts buffered image chunks back that a Database held when it was closed.
  static rocksdb::Status put_back(Database& database, const ImageRows& rows);
  void close();
  Status open_again();
  void read_on(const std::string& reason);
  /// Remembers a failure: from now on nothing is written.
  Status failed(const rocksdb::Status& status);

  const RocksOptions options_;
  std::mutex reopen_mutex_;                      // one reopen() at a time; taken before mutex_
  std::vector<std::filesystem::path> doubtful_;  // known since the start; guarded by reopen_mutex_
  ImageRows buffered_;                           // while it is closed; guarded by reopen_mutex_
  mutable std::mutex mutex_;                     // guards the rest
  DatabasePtr database_;                         // null while it could not be opened
  std::string failure_;                          // not empty: why nothing is written any more
};

Status RocksStore::walk(Family family, OctetSpan first, OctetSpan end, const Visit& visit,
                        Seek start, Seek step) const {
  const DatabasePtr database = TRY(current());
  const rocksdb::Slice lower = to_slice(first);
  const rocksdb::Slice upper = to_slice(end);
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.iterate_lower_bound = &lower;
  if (!end.empty()) {
    options.iterate_upper_bound = &upper;
  }
  const std::unique_ptr<rocksdb::Iterator> at(
      database->db->NewIterator(options, database->of(family)));
  for (((*at).*start)(); at->Valid(); ((*at).*step)()) {
    if (visit(to_span(at->key()), to_span(at->value())) == ScanNext::kStop) {
      return {};
    }
  }
  return to_status(at->status());
}

Result<DatabasePtr> RocksStore::writable() const {
  const std::lock_guard lock(mutex_);
  if (!failure_.empty()) {
    return fail(Errc::kUnavailable, "the store in {} takes no writes until it is opened again: {}",
                options_.folder.string(), failure_);
  }
  return database_;
}

Status RocksStore::failed(const rocksdb::Status& status) {
  const std::lock_guard lock(mutex_);
  failure_ = status.ToString();
  return error_of(status);
}

Status RocksStore::flush_images(Database& database) {
  const std::unique_lock alone(database.image_mutex);
  if (database.image_octets.exchange(0) == 0) {
    return {};
  }
  rocksdb::FlushOptions options;
  options.allow_write_stall = true;
  const rocksdb::Status status = database.db->Flush(options, database.of(Family::kImage));
  return status.ok() ? Status() : failed(status);
}

Status RocksStore::write(const WriteBatch& batch, Durability durability) {
  const DatabasePtr database = TRY(writable());
  if (batch.requires_buffered()) {
    TRYV(flush_images(*database));
  }
  rocksdb::WriteBatch out;
  bool only_images = true;
  std::size_t octets = 0;
  for (const WriteBatch::Operation& operation : batch.operations()) {
    rocksdb::ColumnFamilyHandle* const family = database->of(operation.family);
    const rocksdb::Slice key = to_slice(operation.key);
    const rocksdb::Slice value = to_slice(operation.value);
    rocksdb::Status status;
    switch (operation.kind) {
      case WriteBatch::Operation::Kind::kPut:
        status = out.Put(family, key, value);
        break;
      case WriteBatch::Operation::Kind::kErase:
        status = out.Delete(family, key);
        break;
      case WriteBatch::Operation::Kind::kEraseRange:
        status = key.compare(value) < 0 ? out.DeleteRange(family, key, value) : status;
        break;
    }
    CHECK(status.ok());
    only_images = only_images && operation.family == Family::kImage;
    octets += key.size() + value.size();
  }
  // Only images are ever buffered: then whatever is in the log is synced, but for a write that is
  // in progress.
  const bool buffered = durability == Durability::kBuffered && only_images;
  rocksdb::WriteOptions options;
  options.sync = !buffered;
  options.disableWAL = buffered;
  if (!buffered) {
    const rocksdb::Status status = database->db->Write(options, &out);
    return status.ok() ? Status() : failed(status);
  }
  bool flush_now = false;
  {
    const std::shared_lock counting(database->image_mutex);
    if (const rocksdb::Status status = database->db->Write(options, &out); !status.ok()) {
      return failed(status);
    }
    flush_now = database->image_octets.fetch_add(octets) + octets >= kImageFlushOctets;
  }
  return flush_now ? flush_images(*database) : Status();
}

Status RocksStore::reopen() {
  const std::lock_guard reopening(reopen_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (failure_.empty()) {
      return {};
    }
  }
  TRYV(check_space(options_.folder));
  close();
  const Status opened = open_again();
  if (!opened) {
    read_on(opened.error().detail);
  }
  return opened;
}

/// Opens for reading what could not be opened for writing.
void RocksStore::read_on(const std::string& reason) {
  const bool is_open = current().has_value();
  auto reading = is_open ? Result<OpenedDatabase>(OpenedDatabase{}) : open_for_reading(options_);
  const std::lock_guard lock(mutex_);
  failure_ = reason;
  if (!is_open && reading) {
    database_ = std::move(reading->database);
  }
}

void RocksStore::close() {
  DatabasePtr old;
  {
    const std::lock_guard lock(mutex_);
    old = std::exchange(database_, nullptr);
  }
  if (old != nullptr) {
    std::future<ImageRows> closed = old->closed.get_future();
    old->is_reopened = true;
    old.reset();
    std::ranges::move(closed.get(), std::back_inserter(buffered_));
  }
}

Status RocksStore::open_again() {
  OpenedDatabase opened = TRY(open_database(options_));
  const auto is_known = [&](const std::filesystem::path& copy) {
    return std::ranges::find(doubtful_, copy) != doubtful_.end();
  };
  const bool is_whole = std::ranges::all_of(opened.doubtful, is_known);
  if (is_whole) {
    TRYV(to_status(put_back(*opened.database, buffered_)));
    buffered_.clear();
  }
  const std::lock_guard lock(mutex_);
  database_ = std::move(opened.database);
  failure_ = is_whole ? "" : opened.detail;
  return is_whole ? Status() : fail(Errc::kCorrupt, "{}", failure_);
}

rocksdb::Status RocksStore::put_back(Database& database, const ImageRows& rows) {
  rocksdb::WriteBatch batch;
  std::size_t octets = 0;
  for (const auto& [key, value] : rows) {
    if (rocksdb::Status status = batch.Put(database.of(Family::kImage), key, value); !status.ok()) {
      return status;
    }
    octets += key.size() + value.size();
  }
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  database.image_octets += octets;
  return database.db->Write(options, &batch);
}

}  // namespace

Result<OpenedStore> open_rocks_store(const RocksOptions& options) {
  auto opened = open_database(options);
  if (!opened && opened.error().code == Errc::kNoSpace) {
    if (auto reading = open_for_reading(options)) {
      const bool is_doubtful = !reading->doubtful.empty();
      return OpenedStore{
          std::make_unique<RocksStore>(options, *std::move(reading), opened.error().detail),
          OpenState::kReadOnly, is_doubtful, opened.error().detail};
    }
  }
  if (!opened) {
    return std::unexpected(std::move(opened).error());
  }
  const OpenState state = opened->state;
  std::string detail = opened->detail;
  return OpenedStore{std::make_unique<RocksStore>(options, *std::move(opened), ""), state,
                     state == OpenState::kDoubtful, std::move(detail)};
}

}  // namespace tandem
