// One frame of each kind with every field set to something of its own.
#pragma once

#include <vector>

#include "common/replication/frames.h"

namespace tandem::testing {

[[nodiscard]] NodeId node_id(std::uint8_t seed);
[[nodiscard]] Position position(std::uint64_t sequence);
[[nodiscard]] std::vector<Frame> sample_frames();

}  // namespace tandem::testing
