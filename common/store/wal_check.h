// Looks at a write-ahead log of RocksDB 7.8 before RocksDB does. In the recovery mode that we use
// (kTolerateCorruptedTailRecords) it takes more for the end of the log than may be: a length that
// points behind the end of the file with whole records after it, and blocks of zeros with records
// after them. Both would lose synced writes in silence. It also never says which of several logs it
// refuses. A manifest has the same form.
//
//   wal    := block*                        32,768 octets each, the last one shorter
//   block  := record* zero{0..6}            no record head fits into the zeros
//   record := checksum:u32 octets:u16 kind:u8 octet{octets}      little-endian; kind 1 whole, 2
//   first, 3 middle,
//                                           4 last piece; checksum: CRC-32C of kind and octets,
//                                           masked
#pragma once

#include <cstdint>
#include <filesystem>

#include "common/base/result.h"

namespace tandem {

enum class WalShape : std::uint8_t {
  kWhole,
  kTorn,     // ends in a part of a record, or in something else: nothing whole follows
  kDamaged,  // something whole follows after what is not
};

enum class WalCheck : std::uint8_t { kHeads, kChecksums };

struct WalFinding {
  WalShape shape = WalShape::kWhole;
  std::uint64_t good_octets =
      0;  // up to the end of the last record of which everything before is whole
};

/// With kChecksums a record counts as whole only with its right checksum, as in RocksDB. Fails:
/// kIo.
Result<WalFinding> examine_wal(const std::filesystem::path& file, WalCheck check);

}  // namespace tandem
