// A look at an outside secondary: which serials does it serve, and what is in the way?
//
// Any thread calls it; the outcome comes on the one that the last answer comes on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/node/key_ring.h"
#include "common/node/notifier.h"
#include "common/node/outside_server.h"

namespace tandem {

struct CheckedZone {
  Name zone;
  std::string address;
  Serial ours = 0;
  std::optional<Serial> serves;
  std::string problem;  // and what to do; empty: it is in step
};

/// So many zones and notified addresses are looked at; more says the same.
constexpr std::size_t kMostCheckedZones = 20;
constexpr std::size_t kMostCheckedAddresses = 8;

/// Asks each address that is notified for the SOA record of each zone, and calls `done` once with
/// all that came of it, by address and then in the order of `zones`. Fails, and calls nothing:
/// kInvalid when there is no address to ask, kNotFound when its key is not known here. Requires:
/// zones with content.
Status check_secondary(const AskServer& ask, const KeyRing& keys, const OutsideSecondary& secondary,
                       const std::vector<ZoneRecordPtr>& zones,
                       std::function<void(std::vector<CheckedZone>)> done);

}  // namespace tandem
