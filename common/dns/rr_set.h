// One RRset as a plain value, for the control plane: what plans, checks and texts work on.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/bytes.h"
#include "common/dns/name.h"
#include "common/dns/types.h"

namespace tandem {

constexpr std::uint32_t kDefaultTtl = 3600;  // of a set that nobody gave one

struct RrSet {
  Name owner;
  RrType type{};
  std::uint32_t ttl = 0;
  std::vector<Octets> rdatas;  // uncompressed, valid for the type
};

}  // namespace tandem
