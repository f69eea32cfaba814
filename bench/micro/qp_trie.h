// A qp-trie over names: the structure that Knot and BIND look names up in, to be measured against
// the hash index (docs/decisions/0009). Bench only: names of letters, digits, '-' and '_', built
// once from names in canonical order, or changed by copying the path to a leaf.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "common/base/bytes.h"

namespace tandem::bench {

/// A relative name (lower case) as the trie branches on it: labels from the right, each octet one
/// of 39 symbols, symbol 0 after each label and behind the last.
class TrieKey {
 public:
  void assign(OctetSpan relative) noexcept;

  [[nodiscard]] unsigned at(std::size_t offset) const noexcept {
    return offset < size_ ? symbol_[offset] : 0;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// How many symbols are the same from the start on.
  [[nodiscard]] std::size_t common(const TrieKey& other) const noexcept;

 private:
  std::array<std::uint8_t, 256> symbol_;
  std::size_t size_ = 0;
};

class QpTrie {
 public:
  struct Item {
    OctetSpan relative;
    std::uint32_t value;  // not 0
  };

  /// Requires: in canonical order, no name twice.
  explicit QpTrie(const std::vector<Item>& items);

  /// A place on the way down, 12 octets as in BIND: for a branch the bitmap of its symbols and the
  /// offset that they stand at.
  struct Node {
    std::uint32_t low = 0;   // bit 31: a branch; symbols 0 to 30
    std::uint32_t high = 0;  // symbols 31 to 38 in bits 0 to 7; offset in bits 8 to 23
    std::uint32_t ref = 0;   // a branch: its first twig; a leaf: the value

    [[nodiscard]] bool is_branch() const noexcept { return (low >> 31U) != 0; }

    [[nodiscard]] std::uint64_t bitmap() const noexcept {
      return (low & 0x7fff'ffffU) | (std::uint64_t{high & 0xffU} << 31U);
    }

    [[nodiscard]] std::size_t offset() const noexcept { return (high >> 8U) & 0xffffU; }
  };

  [[nodiscard]] std::uint32_t root() const noexcept { return root_; }

  [[nodiscard]] const Node& node(std::uint32_t at) const noexcept { return nodes_[at]; }

  /// The node below a branch on the way to `key`; 0 when there is none.
  [[nodiscard]] static std::uint32_t below(const Node& branch, const TrieKey& key) noexcept {
    const std::uint64_t bit = std::uint64_t{1} << key.at(branch.offset());
    if ((branch.bitmap() & bit) == 0) {
      return 0;
    }
    return branch.ref + static_cast<std::uint32_t>(std::popcount(branch.bitmap() & (bit - 1)));
  }

  /// The value that may be that of `key`: whether it is has to be seen by its name. 0: it is not
  /// there.
  [[nodiscard]] std::uint32_t find(const TrieKey& key) const noexcept {
    std::uint32_t at = root_;
    while (at != 0 && nodes_[at].is_branch()) {
      at = below(nodes_[at], key);
    }
    return at == 0 ? 0 : nodes_[at].ref;
  }

  /// Some value whose name has the most labels in common with `key`: what the closest encloser is
  /// found by.
  [[nodiscard]] std::uint32_t nearest(const TrieKey& key) const noexcept;

  /// A new version in which `key`, which is there, has another value; the old one's root stays
  /// good. Returns the octets that were copied.
  std::size_t replace(const TrieKey& key, std::uint32_t value);

  [[nodiscard]] std::size_t memory_octets() const noexcept { return nodes_.size() * sizeof(Node); }

 private:
  void build(std::uint32_t at, const std::vector<TrieKey>& keys, const std::vector<Item>& items,
             std::size_t first, std::size_t last);

  std::vector<Node> nodes_;
  std::uint32_t root_ = 1;
};

}  // namespace tandem::bench
