// The store over RocksDB 7.8. RocksDB's headers are seen by the files rocks_*.cc of this folder
// alone.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "common/store/store.h"

namespace tandem {

struct RocksOptions {
  std::filesystem::path folder;
  /// Test seam: wraps the file system under RocksDB (tests/support/faulty_file_system.h). Null: the
  /// real one.
  std::shared_ptr<void> file_system;
};

/// How the store came up.
enum class OpenState : std::uint8_t {
  kClean,
  kTornTail,  // the newest WAL ended in half a record (power cut); what was synced is there
  kDoubtful,  // the newest WAL was damaged and set aside: the last synced writes may be missing.
              // Answering is fine; taking changes is not, until a follower shows it is not ahead
  kReadOnly,  // the disk is full: it can be read, and written once reopen() finds space
};

struct OpenedStore {
  std::unique_ptr<Store> store;
  OpenState state = OpenState::kClean;
  bool is_doubtful = false;  // synced writes may be missing; so is every kDoubtful
  std::string detail;        // which file, and where the copy is
};

/// Opens or creates. Fails: kCorrupt naming the file that cannot be read, kIo, kNoSpace, kRefused
/// when the folder belongs to a newer format version or another process has it open.
Result<OpenedStore> open_rocks_store(const RocksOptions& options);

/// Ends kDoubtful for later opens, which otherwise stays over restarts: somebody showed that
/// nothing is missing, or decided to go on without. The copy of the WAL stays, under another name.
/// Fails: kIo.
Status settle_doubt(const std::filesystem::path& folder);

}  // namespace tandem
