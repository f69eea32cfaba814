// What several changes of a zone's records come to, found by taking them back one after the other,
// the newest first.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "common/base/bytes.h"
#include "common/dns/stored_name.h"
#include "common/log/entry.h"
#include "common/zone/changeset.h"
#include "common/zone/diff.h"

namespace tandem {

/// Holds what differs and no more, however many changes were taken back. One thread.
class NetChange {
 public:
  /// Takes back one more change, older than all before.
  void undo(const RecordChange& change);

  void clear() noexcept {
    records_.clear();
    octets_ = 0;
  }

  [[nodiscard]] bool empty() const noexcept { return records_.empty(); }

  /// What it holds in memory, about.
  [[nodiscard]] std::size_t octets() const noexcept { return octets_; }

  /// What leads back: from after all those changes to before them.
  [[nodiscard]] Changeset back() const;

  /// The difference from before those changes to after them: owners in canonical order.
  void visit(const DiffVisitor& visit) const;

 private:
  /// Equal keys are equal as DNS data (RFC 4034 s6.2), TTL apart.
  struct Key {
    StoredName owner;
    RrType type{};
    Octets canonical;

    friend std::weak_ordering operator<=>(const Key&, const Key&) = default;
  };

  struct Form {
    std::uint32_t ttl = 0;
    Octets rdata;  // its letter case is its own
  };

  /// One record: nothing where it was not there.
  struct Sides {
    std::optional<Form> before;
    std::optional<Form> after;
  };

  static std::size_t octets_of(const Key& key, const Sides& sides) noexcept;
  void undo(const Changeset& change);
  void note_before(const PackedRecord& record, DiffSide side);

  std::map<Key, Sides> records_;
  std::size_t octets_ = 0;
};

}  // namespace tandem
