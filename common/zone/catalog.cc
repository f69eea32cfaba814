#include "common/zone/catalog.h"

#include <algorithm>
#include <utility>

namespace tandem {

std::uint32_t Catalog::find_exact(const NameKey& key, std::size_t labels) const noexcept {
  const OctetSpan origin = key.suffix(labels).wire();
  return index_.find(key.suffix_hash(labels), [&](std::uint32_t id) {
    return equal(entry_at(id).zone->lower_origin().wire(), origin);
  });
}

const CatalogEntry* Catalog::find(const NameKey& key, std::size_t labels) const noexcept {
  for (std::size_t depth = std::min(labels, deepest_) + 1; depth-- > 0;) {
    if (zones_of_depth_[depth] == 0) {
      continue;
    }
    if (const std::uint32_t id = find_exact(key, depth); id != 0) {
      return &entry_at(id);
    }
  }
  return nullptr;
}

void Catalog::prefetch(const NameKey& key) const noexcept {
  const std::size_t depth = std::min(key.label_count(), deepest_);
  index_.prefetch(key.suffix_hash(depth));
}

HashIndex::Rehash Catalog::rehash() const {
  return [this](std::uint32_t id) { return hash_name(entry_at(id).zone->origin()); };
}

CatalogEntry& Catalog::writable_entry(std::uint32_t id) {
  Ref<Page>& page = pages_[(id - 1) / kPageSlots];
  if (!page.unique()) {
    page = Ref<Page>::make(*page);
  }
  return page->entry[(id - 1) % kPageSlots];
}

void Catalog::put(CatalogEntry entry) {
  const NameKey key(entry.zone->origin());
  if (const std::uint32_t id = find_exact(key, key.label_count()); id != 0) {
    writable_entry(id) = std::move(entry);
    return;
  }
  std::uint32_t id = next_id_;
  if (free_.empty()) {
    ++next_id_;
    if ((id - 1) / kPageSlots == pages_.size()) {
      pages_.push_back(Ref<Page>::make());
    }
  } else {
    id = free_.back();
    free_.pop_back();
  }
  writable_entry(id) = std::move(entry);
  index_.insert(key.hash(), id, rehash());
  ++zones_of_depth_[key.label_count()];
  deepest_ = std::max(deepest_, key.label_count());
}

void Catalog::erase(NameView origin) {
  const NameKey key(origin);
  const std::uint32_t id = find_exact(key, key.label_count());
  if (id == 0) {
    return;
  }
  index_.erase(key.hash(), id, rehash());
  writable_entry(id) = CatalogEntry{};
  free_.push_back(id);
  --zones_of_depth_[key.label_count()];
  while (deepest_ > 0 && zones_of_depth_[deepest_] == 0) {
    --deepest_;
  }
}

}  // namespace tandem
