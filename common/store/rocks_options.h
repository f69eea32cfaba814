// The options that RocksDB is opened with (docs/formats/store.md, "Options that matter"). Internal
// to rocks_*.cc.
#pragma once

#include <memory>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include "common/store/store.h"

namespace tandem {

[[nodiscard]] rocksdb::DBOptions database_options(rocksdb::Env* env, bool may_create,
                                                  rocksdb::WALRecoveryMode recovery);

/// RocksDB's own default family, then ours.
[[nodiscard]] std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(
    const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace tandem
