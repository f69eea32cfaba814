// All zones that this node answers for: which one is deepest for a name. A persistent value, so
// that publishing one zone among a hundred thousand copies a path and not a table.
//
// Thread rule: a published catalog is immutable. Only the thread that made a copy may change that
// copy.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/zone/hash_index.h"
#include "common/zone/zone.h"

namespace tandem {

/// How a zone is answered beside what its records say.
enum class ServeState : std::uint8_t {
  kServing,
  kStale,    // past SOA EXPIRE and told to go on: answers carry EDE 3 (RFC 8914 s4.4)
  kExpired,  // past SOA EXPIRE: SERVFAIL with EDE 24 (RFC 8914 s4.25)
};

struct CatalogEntry {
  ZonePtr zone;
  ServeState state = ServeState::kServing;
  bool is_for_peers = false;  // answered only to who may have the zone, by the control plane
};

class Catalog {
 public:
  /// The deepest zone at or above the last `labels` labels of `key`; null when there is none. Data
  /// plane.
  [[nodiscard]] const CatalogEntry* find(const NameKey& key, std::size_t labels) const noexcept;
  /// Asks the memory for what find() will look at.
  void prefetch(const NameKey& key) const noexcept;

  /// Adds the zone or takes the place of the one with the same origin.
  void put(CatalogEntry entry);
  /// Nothing happens when there is no such zone.
  void erase(NameView origin);

  [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }

 private:
  static constexpr std::size_t kPageSlots = 64;

  struct Page : RefCounted {
    std::array<CatalogEntry, kPageSlots> entry;
  };

  // index_ gives slot numbers + 1, because 0 means "none" there.
  [[nodiscard]] std::uint32_t find_exact(const NameKey& key, std::size_t labels) const noexcept;

  [[nodiscard]] const CatalogEntry& entry_at(std::uint32_t id) const noexcept {
    return pages_[(id - 1) / kPageSlots]->entry[(id - 1) % kPageSlots];
  }

  [[nodiscard]] CatalogEntry& writable_entry(std::uint32_t id);
  [[nodiscard]] HashIndex::Rehash rehash() const;

  HashIndex index_;
  std::vector<Ref<Page>> pages_;
  std::vector<std::uint32_t> free_;  // slot ids that erase() left
  std::uint32_t next_id_ = 1;
  std::array<std::uint32_t, kMaxLabels + 1> zones_of_depth_{};  // by label count of the origin
  std::size_t deepest_ = 0;
};

}  // namespace tandem
