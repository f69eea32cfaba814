#include "common/zone/name_index.h"

#include <array>
#include <utility>

#include "common/zone/name_key.h"
#include "common/zone/node.h"

namespace tandem {

HashIndex index_of_names(const Arena& arena, std::uint64_t origin_hash,
                         std::initializer_list<std::span<const ArenaOffset>> sets) {
  std::size_t count = 0;
  for (const std::span<const ArenaOffset> set : sets) {
    count += set.size();
  }
  HashIndex names(count);
  const HashIndex::Rehash hash_of = [&](ArenaOffset node) {
    return hash_relative(origin_hash, NodeView(arena.at(node)).relative_name());
  };

  // The places in a large index are all over the memory: ask for them some names ahead, as many as
  // a core has line fills on their way.
  struct Asked {
    std::uint64_t hash = 0;
    ArenaOffset node = 0;
  };

  std::array<Asked, 16> asked;
  std::size_t next = 0;
  const auto put = [&](Asked name) {
    names.prefetch(name.hash);
    const Asked due = std::exchange(asked[next++ % asked.size()], name);
    if (due.node != 0) {
      names.insert(due.hash, due.node, hash_of);
    }
  };
  for (const std::span<const ArenaOffset> set : sets) {
    for (const ArenaOffset node : set) {
      put({hash_of(node), node});
    }
  }
  for (std::size_t i = 0; i < asked.size(); ++i) {
    put({});
  }
  return names;
}

}  // namespace tandem
