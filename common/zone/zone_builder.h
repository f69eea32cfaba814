// Builds the first version of a zone, or a whole replacement, from any stream of records: a master
// file, an image, a transfer. Every node is made in canonical order in one pass: of records in any
// order after they were sorted, of records in order as they come.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/dns/master_file.h"
#include "common/dns/record_places.h"
#include "common/zone/node_draft.h"
#include "common/zone/record_buffer.h"
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

/// One thread at a time.
class ZoneBuilder {
 public:
  ZoneBuilder(NameView origin, const ZoneLimits& limits);

  /// The promise that owners come in canonical order (RFC 4034 s6.1), as an image has them: then
  /// only the records of one owner wait for others. An owner out of order is an error.
  struct InOrder {
    std::size_t records = 0;  // how many will come: what the limits are measured by meanwhile
  };

  ZoneBuilder(NameView origin, const ZoneLimits& limits, InOrder promise);
  ZoneBuilder(const ZoneBuilder&) = delete;
  ZoneBuilder& operator=(const ZoneBuilder&) = delete;
  ~ZoneBuilder();

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

  /// A record that waits in buffer_.
  struct Item {
    std::uint64_t key;  // first octets of the sort key: decides most comparisons
    RecordBuffer::Place record;
    RecordBuffer::Place owner;
  };

  [[nodiscard]] bool before(const Item& a, const Item& b) const noexcept;
  /// False when the owner is out of a promised order.
  [[nodiscard]] bool begin_owner(OctetSpan cased, std::uint32_t place);
  void sort_items();
  void make_nodes();
  void report(ZoneFinding::Severity severity, std::uint32_t place, std::string text);
  void report_outside(const PackedRecord& record, std::uint32_t place);

  Name origin_;
  ZoneLimits limits_;
  std::unique_ptr<Pass> pass_;  // of the owners before, when they come in order
  RecordBuffer buffer_;
  std::deque<Item> items_;              // goes at the front while nodes are made
  RecordBuffer::Place last_owner_ = 0;  // of the last item
  std::vector<ZoneFinding> findings_;
  std::size_t errors_ = 0;
  bool is_other_zone_ = false;  // a SOA of elsewhere was among the records
  std::size_t warnings_ = 0;
};

/// The same version in memory without the garbage that changes left behind.
[[nodiscard]] ZonePtr compacted(const Zone& zone, const ZoneLimits& limits);

}  // namespace tandem
