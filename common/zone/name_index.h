// The hash index of a whole zone at once.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "common/zone/arena.h"
#include "common/zone/hash_index.h"

namespace tandem {

/// Indexes the nodes of all `sets` by their whole names. `origin_hash`: that of the zone's name.
[[nodiscard]] HashIndex index_of_names(const Arena& arena, std::uint64_t origin_hash,
                                       std::initializer_list<std::span<const ArenaOffset>> sets);

}  // namespace tandem
