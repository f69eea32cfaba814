#include "common/node/zone_difference.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/dns/rdata.h"
#include "common/zone/serial.h"

namespace tandem {
namespace {

bool differ_in_serial_alone(const DifferentRecord& removed, const DifferentRecord& added) {
  if (removed.type != RrType::kSoa || removed.ttl != added.ttl) {
    return false;
  }
  Octets same = removed.rdata;
  set_soa_serial(same, soa_serial(added.rdata));
  return compare_rdata(RrType::kSoa, same, added.rdata) == 0;
}

}  // namespace

void DifferenceCollector::add(DiffSide side, const PackedRecord& record) {
  if (!removed_.empty() || !added_.empty()) {
    const DifferentRecord& open = removed_.empty() ? added_.front() : removed_.front();
    if (open.type != record.type || open.owner.view() != record.owner) {
      end_set();
    }
  }
  (side == DiffSide::kRemoved ? removed_ : added_)
      .push_back({side, record.owner, record.type, record.ttl, to_octets(record.rdata)});
}

ZoneDifference DifferenceCollector::take() {
  end_set();
  return std::exchange(out_, {});
}

void DifferenceCollector::end_set() {
  std::vector<DifferentRecord> removed = std::exchange(removed_, {});
  std::vector<DifferentRecord> added = std::exchange(added_, {});
  if (removed.size() == 1 && added.size() == 1 &&
      differ_in_serial_alone(removed.front(), added.front())) {
    return;
  }
  out_.removed += removed.size();
  out_.added += added.size();
  for (std::vector<DifferentRecord>* const side : {&removed, &added}) {
    const std::size_t taken = std::min(side->size(), most_ - out_.records.size());
    out_.is_cut = out_.is_cut || taken < side->size();
    std::move(side->begin(), side->begin() + static_cast<std::ptrdiff_t>(taken),
              std::back_inserter(out_.records));
  }
}

}  // namespace tandem
