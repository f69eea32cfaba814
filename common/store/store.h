// What is kept on disk, as five ordered key-value families behind one small interface. Three
// implementations: RocksDB (rocks_store.h), memory (tests, TSan), and one that fails on command
// (tests/support/faulty_store.h).
//
// Thread rule: any thread may read or write. What one thread's writes mean to another's is theirs
// to settle; the log has one writer, and images may be stored from another thread meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace tandem {

enum class Family : std::uint8_t { kLog, kZoneLog, kImage, kMeta, kSecret };
constexpr std::size_t kFamilyCount = 5;

/// Several writes that happen together or not at all.
class WriteBatch {
 public:
  struct Operation {
    enum class Kind : std::uint8_t { kPut, kErase, kEraseRange };
    Kind kind;
    Family family;
    Octets key;
    Octets value;  // of kEraseRange: the first key that stays
  };

  void put(Family family, OctetSpan key, OctetSpan value);
  void erase(Family family, OctetSpan key);
  /// All keys from `first` up to but without `end`.
  void erase_range(Family family, OctetSpan first, OctetSpan end);

  /// Asks that what was buffered before be durable before this batch is: it refers to image chunks.
  void require_buffered() noexcept { requires_buffered_ = true; }

  [[nodiscard]] bool requires_buffered() const noexcept { return requires_buffered_; }

  [[nodiscard]] const std::vector<Operation>& operations() const noexcept { return operations_; }

  [[nodiscard]] bool empty() const noexcept { return operations_.empty(); }

 private:
  std::vector<Operation> operations_;
  bool requires_buffered_ = false;
};

/// kSynced: on return the batch survives a power cut. kBuffered: at the latest it survives once a
/// later synced write with WriteBatch::require_buffered() returned; until then a crash may take it
/// back, whole batches from the last one on. put_checkpoint() and LogStore::append() ask for it
/// where they refer to images.
enum class Durability : std::uint8_t { kBuffered, kSynced };

enum class ScanNext : std::uint8_t { kContinue, kStop };

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  /// The value, or nothing when there is no such key. Fails: kCorrupt, kIo.
  virtual Result<std::optional<Octets>> get(Family family, OctetSpan key) const = 0;

  using Visit = std::function<ScanNext(OctetSpan key, OctetSpan value)>;
  /// Calls `visit` for the keys from `first` up to but without `end` (empty: no end), ascending, as
  /// of the call.
  virtual Status scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const = 0;
  /// The same, descending from the last key before `end`.
  virtual Status scan_back(Family family, OctetSpan first, OctetSpan end,
                           const Visit& visit) const = 0;

  /// Fails: kNoSpace when the disk is full, kIo when the system refuses. After a failure nothing of
  /// the batch may be taken for written or unwritten: the store refuses all writes (kUnavailable)
  /// until reopen().
  virtual Status write(const WriteBatch& batch, Durability durability) = 0;

  /// Why writes are refused; empty while they are not.
  [[nodiscard]] virtual std::string write_failure() const = 0;

  /// After a failed write: opens the store anew and so finds out what of it is durable. What was
  /// buffered stays. Does nothing when writes are not refused: somebody else was first. Waits for
  /// reads in progress; reads meanwhile fail with kUnavailable. Fails like open, and may be tried
  /// again: what can be read stays readable, and on a full disk nothing is closed.
  virtual Status reopen() = 0;
};

}  // namespace tandem
