// Nodes in canonical order of their names (RFC 4034 s6.1): a B+tree of arena offsets that is a
// persistent value. Serves transfers, exports and NSEC neighbours; exact names are found by the
// hash index.
//
// Thread rule: a published index is immutable. Only the thread that made a copy may change that
// copy.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/bytes.h"
#include "common/zone/arena.h"
#include "common/zone/ref.h"

namespace tandem {

class RelativeProbe;

class OrderIndex {
  static constexpr std::size_t kFanout = 64;
  static constexpr std::size_t kMaxDepth = 12;  // half-full pages of 64 would hold 32^12 names

  struct Page : RefCounted {
    std::vector<ArenaOffset> key;  // leaf: the nodes; inner: some node not after the child's first
    std::vector<Ref<Page>> child;  // empty in a leaf
  };

 public:
  /// A place in the order; invalidated by nothing, because the version it walks never changes.
  class Cursor {
   public:
    Cursor() = default;

    [[nodiscard]] bool valid() const noexcept { return depth_ > 0; }

    [[nodiscard]] ArenaOffset offset() const noexcept {
      const Step& leaf = step_[depth_ - 1];
      return leaf.page->key[leaf.at];
    }

    void next() noexcept;
    void previous() noexcept;

   private:
    friend class OrderIndex;

    struct Step {
      const Page* page;
      std::size_t at;
    };

    void descend_first(const Page* page) noexcept;
    void descend_last(const Page* page) noexcept;

    std::size_t depth_ = 0;
    std::array<Step, kMaxDepth> step_;
  };

  OrderIndex() = default;
  /// From offsets already in order.
  explicit OrderIndex(std::span<const ArenaOffset> sorted);

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] Cursor first() const noexcept;
  [[nodiscard]] Cursor last() const noexcept;
  /// The last node whose relative name (lower case) is not after `name`; invalid when there is
  /// none.
  [[nodiscard]] Cursor at_or_before(const ArenaTable& nodes, OctetSpan name) const noexcept;
  /// The first node whose relative name is after `name`.
  [[nodiscard]] Cursor after(const ArenaTable& nodes, OctetSpan name) const noexcept;
  /// The node of exactly that relative name, or 0.
  [[nodiscard]] ArenaOffset find(const ArenaTable& nodes, OctetSpan name) const noexcept;

  /// Adds the node, or takes its place when its name is there already.
  void put(const ArenaTable& nodes, ArenaOffset node);
  /// Removes the node of that name. Requires: it is there.
  void erase(const ArenaTable& nodes, OctetSpan name);

  [[nodiscard]] std::size_t memory_octets() const noexcept;

 private:
  enum class PutEffect : std::uint8_t { kReplaced, kAdded };

  static std::size_t child_for(const Page& page, const ArenaTable& nodes,
                               const RelativeProbe& name) noexcept;
  static PutEffect put_in(Ref<Page>& place, const ArenaTable& nodes, const RelativeProbe& name,
                          ArenaOffset node, std::size_t depth);
  static void split_child(Page& parent, std::size_t at);
  static void erase_in(Ref<Page>& place, const ArenaTable& nodes, const RelativeProbe& name,
                       std::size_t depth);
  static std::size_t memory_of(const Page& page) noexcept;

  Ref<Page> root_;
  std::size_t size_ = 0;
};

}  // namespace tandem
