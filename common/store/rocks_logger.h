// RocksDB's own remarks go where ours go. Not into a file of the store: on a full disk RocksDB 7.8
// ends the process when it cannot write that file.
#pragma once

#include <memory>

#include <rocksdb/env.h>

namespace tandem {

/// Warnings and errors become debug lines; what matters of them is in the status of the call that
/// failed.
[[nodiscard]] std::shared_ptr<rocksdb::Logger> make_rocks_logger();

}  // namespace tandem
