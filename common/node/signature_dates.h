// When the first signature of each zone that is signed elsewhere ends (RFC 4034 s3.1.5). All RRSIGs
// of a version are read once, and of a zone that changes often not each version is. One thread.
#pragma once

#include <map>
#include <optional>

#include "common/base/clock.h"
#include "common/node/zone_table.h"

namespace tandem {

/// Of the signature that ends first.
struct SignatureTimes {
  WallTime inception;
  WallTime expiration;

  bool operator==(const SignatureTimes&) const = default;
};

/// Reads all signatures of the zone; nothing: it has none. `now`: the times of a signature are
/// those of 32 bits that are nearest to it.
[[nodiscard]] std::optional<SignatureTimes> first_signature(const Zone& zone, WallTime now);

class SignatureDates {
 public:
  /// As first_signature(), of this version or one that was seen a short time ago: reading takes at
  /// most a hundredth of the time. Nothing for a zone that is not signed elsewhere.
  std::optional<SignatureTimes> of(const ZoneRecord& record, const Clock& clock);

  /// The zones that of() was not called for since the last call of this are forgotten.
  void end_round();

 private:
  struct Seen {
    ContentDigest digest;
    std::optional<SignatureTimes> first;
    MonotonicTime again;  // not before
    bool is_wanted = true;
  };

  std::map<ZoneId, Seen> seen_;
};

}  // namespace tandem
