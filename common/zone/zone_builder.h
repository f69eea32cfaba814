// Builds the first version of a zone, or a whole replacement, from any stream of records in any
// order: a master file, an image, a transfer. Sorts once, then makes every node in canonical order
// in one pass.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/dns/master_file.h"
#include "common/dns/record_places.h"
#include "common/zone/node_draft.h"
#include "common/zone/rr_pack.h"
#include "common/zone/zone.h"

namespace tandem {

/// Something that is wrong with (error) or odd about (warning) the zone as a whole.
struct ZoneFinding {
  enum class Severity : std::uint8_t { kError, kWarning };

  Severity severity = Severity::kError;
  std::uint32_t place = 0;  // as given to add(); 0: of the zone as a whole
  std::string text;
};

/// The finding at its line. `places` made the places of the records, `files` are those of the
/// parser's report.
[[nodiscard]] Diagnostic to_diagnostic(ZoneFinding finding, const RecordPlaces& places,
                                       const std::vector<std::string>& files);

class ZoneBuilder {
 public:
  ZoneBuilder(NameView origin, const ZoneLimits& limits);

  /// Takes one record. `place` says where it came from, for the findings: any number that grows
  /// from record to record (record_places.h). Requires: rdata valid for its type.
  void add(const PackedRecord& record, std::uint32_t place = 0);

  struct Outcome {
    ZonePtr zone;  // null when a finding is an error
    std::vector<ZoneFinding> findings;
  };

  /// Makes the zone. The builder is empty afterwards.
  [[nodiscard]] Outcome build();

 private:
  class Pass;

  /// A record as add() keeps it: a fixed head and the rdata, in buffer_.
  struct Item {
    std::uint64_t key;     // first octets of the sort key: decides most comparisons
    std::uint32_t record;  // offset into buffer_
    std::uint32_t owner;   // offset into buffer_
  };

  [[nodiscard]] bool before(const Item& a, const Item& b) const noexcept;
  void report(ZoneFinding::Severity severity, std::uint32_t place, std::string text);

  Name origin_;
  ZoneLimits limits_;
  Octets buffer_;
  std::vector<Item> items_;
  std::uint32_t last_owner_ = 0;
  std::vector<ZoneFinding> findings_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

/// The same version in memory without the garbage that changes left behind.
[[nodiscard]] ZonePtr compacted(const Zone& zone, const ZoneLimits& limits);

}  // namespace tandem
