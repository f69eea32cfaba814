// The folder of a RocksDB store as files: what is there before RocksDB opens it, and setting a
// damaged log aside.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "common/base/result.h"

namespace tandem {

struct StoreFiles {
  bool has_current = false;  // names the manifest, so it exists in every finished store
  bool has_tables = false;
  std::filesystem::path manifest;           // that CURRENT names; empty: none
  std::vector<std::filesystem::path> wals;  // oldest first
  std::vector<std::filesystem::path>
      doubtful;  // copies of logs that were set aside and not settled
};

/// Fails: kIo.
Result<StoreFiles> list_store_files(const std::filesystem::path& folder);

/// Makes the folder, durably, where it does not exist. Fails: kIo, kNoSpace.
Status make_store_folder(const std::filesystem::path& folder);

/// Whether a store in `folder` could be opened, which moves what its logs hold to tables. Fails:
/// kNoSpace, kIo.
Status check_space(const std::filesystem::path& folder);

/// Copies a log to doubtful-NAME beside it, durably, and then cuts it to `good_octets`. A crash in
/// between leaves the copy, and the same is done again. Returns the copy. Fails: kIo, kNoSpace.
Result<std::filesystem::path> set_log_aside(const std::filesystem::path& log,
                                            std::uint64_t good_octets);

}  // namespace tandem
