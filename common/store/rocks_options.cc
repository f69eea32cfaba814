#include "common/store/rocks_options.h"

#include <array>

#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include "common/store/rocks_logger.h"

namespace tandem {
namespace {

constexpr std::array<const char*, kFamilyCount> kFamilyNames{"log", "zone_log", "image", "meta",
                                                             "secret"};
constexpr std::size_t kMebi = std::size_t{1} << 20U;
/// Four times what RocksStore lets gather before it flushes: RocksDB itself never does, so that it
/// never holds up other writers meanwhile.
constexpr std::size_t kImageMemtableOctets = 32 * kMebi;

/// RocksDB looks for space by itself every 5 s after the disk was full, and then resumes.
class NoResume final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::ColumnFamilyOptions family_options(Family family,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = std::uint64_t{16} * 1024;
  if (family == Family::kMeta) {
    // Each change asks whether its request was made before, and nearly none was.
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  }
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

}  // namespace

rocksdb::DBOptions database_options(rocksdb::Env* env, bool may_create,
                                    rocksdb::WALRecoveryMode recovery) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = may_create;
  options.create_missing_column_families = true;
  // What was synced must never be rolled back, nor may a log be half used again or synced behind
  // our back (docs/formats/store.md, "Recovery").
  options.wal_recovery_mode = recovery;
  options.track_and_verify_wals_in_manifest = true;
  options.recycle_log_file_num = 0;
  options.wal_bytes_per_sync = 0;
  options.max_bgerror_resume_count = 0;  // reopen() is the only way back from an error
  options.listeners.push_back(std::make_shared<NoResume>());
  options.max_total_wal_size = 16 * kMebi;
  options.max_open_files = 256;
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

std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(
    const std::shared_ptr<rocksdb::Cache>& cache) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options(Family::kMeta, cache));
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    families.emplace_back(kFamilyNames[i], family_options(static_cast<Family>(i), cache));
  }
  return families;
}

}  // namespace tandem
