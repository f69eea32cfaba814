// Makes the next version of a zone from the last one: replaces the nodes that a changeset touches
// and keeps what follows from them true (empty non-terminals, what is below a cut, the glue of
// referrals). Internal to Zone::apply(); docs/life_of_a_change.md step 3.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

#include "common/base/result.h"
#include "common/zone/compile.h"
#include "common/zone/node_draft.h"
#include "common/zone/zone.h"

namespace tandem {

class ZoneEditor {
 public:
  ZoneEditor(const Zone& from, const ZoneLimits& limits);

  /// Applies the changesets and gives the next version. May be called once.
  Result<ZonePtr> run(std::span<const Changeset> changes);

 private:
  /// One record to remove or to add.
  struct Edit {
    PackedRecord record;
    std::uint32_t stage;  // removals and additions of the first changeset, then of the second, ...
    std::uint16_t slot;   // its type, or the type an RRSIG covers
    std::size_t order;    // as given

    /// By it the edits of one owner are made.
    [[nodiscard]] auto place() const noexcept { return std::tuple(slot, stage, order); }
  };

  using Edits = std::span<const Edit>;

  /// The records of one slot as values while they are edited.
  struct SlotContent {
    std::uint32_t ttl = 0;
    std::vector<Octets> rdatas;
    std::vector<std::pair<std::uint32_t, Octets>> sigs;  // ttl, rdata
  };

  Result<std::vector<Edit>> collect(std::span<const Changeset> changes) const;
  Status edit_owner(Edits edits);
  Status edit_node(const NameKey& key, NodeView old, Edits edits);
  Status check_dnames() const;
  Status edit_slot(NodeDraft& draft, NameView owner, Edits edits);
  [[nodiscard]] SlotContent content_of(ArenaOffset rrset, NameView owner) const;
  Status edit_content(SlotContent& content, const Edit& edit) const;
  Result<ArenaOffset> compile(const SlotContent& content, RrType type, NameView owner);

  // Structure. Relative names are in lower case; `key` is the whole name.
  [[nodiscard]] NodeView find_any(const NameKey& key) const;
  [[nodiscard]] OctetSpan relative_of(const NameKey& key) const noexcept;
  [[nodiscard]] bool has_descendants(OctetSpan relative) const noexcept;
  [[nodiscard]] OrderIndex& nsec3_set_of(NodeView at) const noexcept;
  void choose_nsec3_chain(const Nsec3Parameters& before);
  void insert(NodeDraft draft);
  void put_authoritative(const NameKey& key, ArenaOffset stored);
  void remove(NodeView old);
  void put_empty(const NameKey& key, std::size_t labels, ArenaOffset old);
  void drop_empty_ancestors(const NameKey& key);
  void reclassify_below(const NameKey& cut);
  void note_glue_change(const NameKey& key);
  void recompile_glue();
  [[nodiscard]] ArenaOffset glue_of(NodeView cut, NameView owner);
  void count_node(NodeView at, int by);
  [[nodiscard]] std::size_t records_of(NodeView at) const noexcept;
  void refresh_table();

  void note_garbage(std::size_t blob_octets) noexcept { garbage_ += arena_octets_of(blob_octets); }

  [[nodiscard]] Name whole_name(const NodeDraft& draft) const;
  [[nodiscard]] NameKey key_of(NodeView node) const;
  [[nodiscard]] HashIndex::Rehash rehash() const;

  [[nodiscard]] NodeView node(ArenaOffset offset) const noexcept {
    return NodeView(offset == 0 ? nullptr : arena_->at(offset));
  }

  std::shared_ptr<Zone> next_;
  Arena* arena_;
  ZoneLimits limits_;
  Name origin_;
  std::uint64_t origin_hash_;
  std::vector<Name> cuts_to_recompile_;
  std::vector<Name> new_dnames_;
  std::vector<Name> below_dname_;
  std::size_t records_ever_ = 0;  // of the version before, and all that this step adds
  std::size_t used_before_;
  std::size_t garbage_ = 0;  // octets of blobs that the next version does not use
};

}  // namespace tandem
