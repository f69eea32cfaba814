// A file system under RocksDB that loses what was not synced. It works on real files in one folder
// and remembers what is durable of them: octets up to the last sync of a file, names up to the last
// sync of their folder. When the power is cut, everything else is taken back, but for a part that
// chance wrote in time. Then the folder looks as a disk does after a power cut, and whatever opens
// it next starts from there.
//
// Syncs are only counted, not passed on: the real disk's durability is not what is tested.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

namespace tandem::testing {

/// What is on the disk of a file behind its synced part.
enum class Tail : std::uint8_t {
  kCut,   // a random part of what was written
  kTorn,  // the same, and its last 4 KiB or a part of them are garbage or zeros
};

class FaultyFileSystem {
 public:
  /// Requires: `folder` exists and is empty.
  FaultyFileSystem(std::filesystem::path folder, std::uint64_t seed);
  FaultyFileSystem(const FaultyFileSystem&) = delete;
  FaultyFileSystem& operator=(const FaultyFileSystem&) = delete;
  ~FaultyFileSystem();

  /// For RocksOptions::file_system.
  [[nodiscard]] std::shared_ptr<void> seam() const;

  /// Operations so far that change something: writes, syncs, creations, renames, deletions.
  [[nodiscard]] std::uint64_t operations() const;
  /// The power fails at the operation after `operations` more: nothing that is done from then on
  /// has an effect.
  void cut_power_after(std::uint64_t operations);
  [[nodiscard]] bool is_power_cut() const;
  /// Makes the folder what the disk holds after the cut, and the power is back. Requires: nothing
  /// has files open.
  void restore(Tail tail);

  /// The n-th sync of a file from now on fails (1: the next).
  void fail_sync(std::uint64_t nth);
  /// Octets that may still be written; then writes fail with no space. Names take none.
  void set_space(std::uint64_t octets);
  void set_space_unlimited();

 private:
  class Files;
  std::shared_ptr<Files> files_;
};

}  // namespace tandem::testing
