#include "common/store/memory_store.h"

#include <algorithm>
#include <utility>

namespace tandem {
namespace {

std::size_t index_of(Family family) noexcept {
  return static_cast<std::size_t>(family);
}

}  // namespace

/// Holds a family's map as it is. Taken and let go under the lock, so that a writer that finds
/// itself alone is.
class MemoryStore::Snapshot {
 public:
  Snapshot(const MemoryStore& store, Family family) : mutex_(store.mutex_) {
    const std::lock_guard lock(mutex_);
    map_ = store.families_[index_of(family)];
  }

  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  ~Snapshot() {
    const std::lock_guard lock(mutex_);
    map_.reset();
  }

  using Range = std::pair<Map::const_iterator, Map::const_iterator>;

  [[nodiscard]] Range range(OctetSpan first, OctetSpan end) const {
    static const Map empty;
    const Map& map = map_ == nullptr ? empty : *map_;
    if (!end.empty() && !std::ranges::lexicographical_compare(first, end)) {
      return {map.end(), map.end()};
    }
    return {map.lower_bound(to_octets(first)),
            end.empty() ? map.end() : map.lower_bound(to_octets(end))};
  }

 private:
  std::mutex& mutex_;
  std::shared_ptr<const Map> map_;
};

MemoryStore::Map& MemoryStore::changeable(Family family) {
  std::shared_ptr<Map>& map = families_[index_of(family)];
  if (map == nullptr) {
    map = std::make_shared<Map>();
  } else if (map.use_count() > 1) {
    map = std::make_shared<Map>(*map);
  }
  return *map;
}

Result<std::optional<Octets>> MemoryStore::get(Family family, OctetSpan key) const {
  const std::lock_guard lock(mutex_);
  const auto& map = families_[index_of(family)];
  if (map == nullptr) {
    return std::nullopt;
  }
  const auto found = map->find(to_octets(key));
  return found == map->end() ? std::nullopt : std::optional(found->second);
}

Status MemoryStore::scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const {
  const Snapshot snapshot(*this, family);
  const auto [from, to] = snapshot.range(first, end);
  for (auto at = from; at != to; ++at) {
    if (visit(at->first, at->second) == ScanNext::kStop) {
      break;
    }
  }
  return {};
}

Status MemoryStore::scan_back(Family family, OctetSpan first, OctetSpan end,
                              const Visit& visit) const {
  const Snapshot snapshot(*this, family);
  const auto [from, to] = snapshot.range(first, end);
  for (auto at = to; at != from;) {
    --at;
    if (visit(at->first, at->second) == ScanNext::kStop) {
      break;
    }
  }
  return {};
}

Status MemoryStore::write(const WriteBatch& batch, Durability /*durability*/) {
  const std::lock_guard lock(mutex_);
  for (const WriteBatch::Operation& operation : batch.operations()) {
    Map& map = changeable(operation.family);
    switch (operation.kind) {
      case WriteBatch::Operation::Kind::kPut:
        map.insert_or_assign(operation.key, operation.value);
        break;
      case WriteBatch::Operation::Kind::kErase:
        map.erase(operation.key);
        break;
      case WriteBatch::Operation::Kind::kEraseRange:
        if (operation.key < operation.value) {
          map.erase(map.lower_bound(operation.key), map.lower_bound(operation.value));
        }
        break;
    }
  }
  return {};
}

}  // namespace tandem
