// One version of one zone: immutable, ready to answer from, cheap to make the next one of.
//
// Names are in one of three sets. Authoritative names (cuts included, empty non-terminals too) are
// in the hash index; names below a cut only when they have addresses (glue), marked kNodeOccluded;
// NSEC3 owners never, since they do not exist as names (RFC 5155 s7.2.8): those that are not below
// a cut are the third set, in two parts, the chain that is answered from (nsec3_chain.h) and the
// idle rest. Each set but the empty non-terminals has its canonical order.
//
// Thread rule: a Zone never changes; any thread may read it, and may make a next version of it, the
// newest one or any other: apply() appends to memory that all versions of the zone share, one after
// the other.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/dns/rr_set.h"
#include "common/zone/arena.h"
#include "common/zone/changeset.h"
#include "common/zone/hash_index.h"
#include "common/zone/name_key.h"
#include "common/zone/node.h"
#include "common/zone/nsec3_chain.h"
#include "common/zone/order_index.h"
#include "common/zone/serial.h"

namespace tandem {

class Zone;
using ZonePtr = std::shared_ptr<const Zone>;

/// Caps that keep one name from becoming a weapon (CVE-2024-1737); an operator may raise them per
/// zone.
struct ZoneLimits {
  std::size_t rrset_records = 100;
  std::size_t types_per_name = 100;
  // Octets that the nodes of empty non-terminals take, beside some that every zone may have: enough
  // for the sparsest reverse zone of IPv6, too few for a short file that says ${0,250} in 120
  // labels.
  std::size_t empty_octets_per_record = 1024;

  [[nodiscard]] std::size_t empty_octets(std::size_t records) const noexcept {
    return (std::size_t{16} << 20U) + empty_octets_per_record * records;
  }
};

class Zone {
 public:
  // --- what the data plane asks

  [[nodiscard]] NameView origin() const noexcept;
  [[nodiscard]] NameView lower_origin() const noexcept;

  [[nodiscard]] std::size_t origin_labels() const noexcept { return origin_labels_; }

  [[nodiscard]] NodeView apex() const noexcept { return NodeView(table_->at(apex_)); }

  [[nodiscard]] NodeView node(ArenaOffset offset) const noexcept {
    return NodeView(offset == 0 ? nullptr : table_->at(offset));
  }

  [[nodiscard]] RrSetView rrset(ArenaOffset offset) const noexcept {
    return RrSetView(offset == 0 ? nullptr : table_->at(offset));
  }

  /// The node whose name is the last `labels` labels of `key`, in the hash index. Requires: that
  /// suffix is at or below the origin.
  [[nodiscard]] NodeView find(const NameKey& key, std::size_t labels) const noexcept;
  /// The node of `*` below the last `labels` labels of `key`.
  [[nodiscard]] NodeView find_wildcard(const NameKey& key, std::size_t labels) const noexcept;

  /// Asks the memory for what a lookup of `key` begins with: first for its places in the index,
  /// then, when those have come, for the nodes.
  void prefetch(const NameKey& key) const noexcept;
  void prefetch_nodes(const NameKey& key) const noexcept;

  /// The authoritative name at or before `relative` (lower case, without the origin) that has an
  /// NSEC record. None when the zone has no NSEC.
  [[nodiscard]] NodeView nsec_before(OctetSpan relative) const noexcept;
  /// The owner of the NSEC3 chain at or before `label`, the last one when there is none before.
  [[nodiscard]] NodeView nsec3_before(const Nsec3Label& label) const noexcept;

  /// What the labels of the NSEC3 chain are made with. Requires: uses_nsec3().
  [[nodiscard]] Nsec3Parameters nsec3_parameters() const noexcept { return nsec3_parameters_; }

  [[nodiscard]] bool has_wildcards() const noexcept { return wildcard_count_ > 0; }

  /// Whether any name has to be searched for a cut or DNAME above it.
  [[nodiscard]] bool has_redirections() const noexcept { return redirection_count_ > 0; }

  /// The zone has NSEC records or an NSEC3 chain, so that DO answers carry proofs.
  [[nodiscard]] bool is_signed() const noexcept { return !nsec3_.empty() || has_nsec_; }

  /// There is an NSEC3PARAM record that can be used, and a chain with its parameters.
  [[nodiscard]] bool uses_nsec3() const noexcept { return !nsec3_.empty(); }

  /// The SOA with its TTL lowered to min(TTL, MINIMUM) (RFC 2308 s3), for negative answers.
  [[nodiscard]] RrSetView negative_soa() const noexcept { return rrset(negative_soa_); }

  [[nodiscard]] Serial serial() const noexcept { return serial_; }

  /// SOA EXPIRE in seconds.
  [[nodiscard]] std::uint32_t expire_seconds() const noexcept { return expire_seconds_; }

  // --- what the control plane asks

  /// Signed by somebody else: the apex has RRSIGs over its SOA. Record changes would break the
  /// signatures.
  [[nodiscard]] bool is_presigned() const noexcept { return presigned_; }

  [[nodiscard]] std::size_t record_count() const noexcept { return record_count_; }

  [[nodiscard]] std::size_t name_count() const noexcept {
    return authoritative_.size() + occluded_.size() + nsec3_.size() + idle_nsec3_.size();
  }

  /// The whole owner name of a node of this zone, with its own case.
  [[nodiscard]] Name owner_of(NodeView node) const;
  /// The node of any name with records, glue and NSEC3 owners included; null when there is none.
  [[nodiscard]] NodeView find_owner(NameView owner) const;
  /// The records of one type at one owner as values; RRSIGs only by asking for type RRSIG.
  [[nodiscard]] std::optional<RrSet> find_rrset(NameView owner, RrType type) const;
  [[nodiscard]] RrSet soa() const;

  /// All records in canonical order of their owners, the apex first and its SOA first of all.
  using RecordVisitor = std::function<void(const PackedRecord&)>;
  void for_each_record(const RecordVisitor& visit) const;
  /// The records of one node, by type, the RRSIGs behind what they cover.
  void for_each_record_at(NodeView node, const RecordVisitor& visit) const;

  /// Walks all owners in canonical order.
  class Walker {
   public:
    [[nodiscard]] bool valid() const noexcept {
      return zone_ != nullptr && current_ < cursor_.size();
    }

    [[nodiscard]] NodeView node() const noexcept;
    void next() noexcept;

   private:
    friend class Zone;
    void choose() noexcept;

    const Zone* zone_ = nullptr;
    std::array<OrderIndex::Cursor, 4> cursor_;
    std::size_t current_ = 0;
  };

  [[nodiscard]] Walker walk() const noexcept;

  /// The only way to a next version: the changesets one after the other, seen from outside as one
  /// step. Fails: kConflict when they do not fit this version exactly, kInvalid or kTooLarge when
  /// the result would not be a valid zone. This version is untouched either way.
  Result<ZonePtr> apply(std::span<const Changeset> changes, const ZoneLimits& limits) const;

  struct Memory {
    std::size_t arena_octets = 0;
    std::size_t garbage_octets =
        0;  // of these, used by older versions at most: compacted() frees them
    std::size_t index_octets = 0;
  };

  [[nodiscard]] Memory memory() const;

 private:
  friend class ZoneBuilder;
  friend class ZoneEditor;
  Zone() = default;

  /// Whether a lookup that finds no exact name may find a cut or DNAME right below the apex.
  [[nodiscard]] bool may_be_redirected(const NameKey& key) const noexcept {
    return has_redirections() && key.label_count() > origin_labels_ + std::size_t{1};
  }

  [[nodiscard]] ArenaOffset offset_of(const NameKey& key, std::size_t labels) const noexcept;
  /// The node of a name that is only in an order: below a cut, or an NSEC3 owner.
  [[nodiscard]] NodeView find_aside(OctetSpan relative) const noexcept;

  /// Reads what later answers need from the apex (SOA numbers, negative SOA, flags). Requires: it
  /// has an SOA.
  void take_apex(ArenaOffset apex);
  /// A part of it, which points into the arena.
  void take_nsec3_parameters();

  std::shared_ptr<Arena> arena_;
  Ref<ArenaTable> table_;
  HashIndex names_;
  OrderIndex authoritative_;
  OrderIndex occluded_;
  OrderIndex nsec3_;                  // the chain of nsec3_parameters_, without what is below cuts
  OrderIndex idle_nsec3_;             // all other NSEC3 owners that are not below cuts
  Nsec3Parameters nsec3_parameters_;  // of the apex: lies in the arena
  ArenaOffset origin_ = 0;            // octets:u8 name lower-case-name
  ArenaOffset apex_ = 0;
  ArenaOffset negative_soa_ = 0;
  Serial serial_ = 0;
  std::uint32_t expire_seconds_ = 0;
  std::size_t record_count_ = 0;
  std::size_t live_octets_ = 0;   // of the arena, that this version uses
  std::size_t empty_octets_ = 0;  // of the nodes of empty non-terminals
  std::uint32_t wildcard_count_ = 0;
  std::uint32_t redirection_count_ = 0;  // cuts and DNAMEs
  std::uint8_t origin_labels_ = 0;
  bool has_nsec_ = false;
  bool presigned_ = false;
};

}  // namespace tandem
