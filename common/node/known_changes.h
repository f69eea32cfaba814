// Kinds of change that not every version of the program knows, and whether all members do.
#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "common/node/link_hub.h"

namespace tandem {

/// Their numbers in Change.kind of log.proto.
enum class KnownChange : std::uint8_t {
  kRules = 10,
  kNotes = 11,
  kAddress = 12,
  kSecondary = 13,
  kSource = 14,
  kCatalog = 15,
  kMember = 16,
  kFailover = 17,
};

/// A follower that does not know them would stop at the first one in the cluster's log. Fails:
/// kRefused, naming one that does not.
Status check_peers_know(const LinkHub& hub, KnownChange what);

}  // namespace tandem
