#include "bench/micro/qp_trie.h"

#include <algorithm>

#include "common/base/check.h"

namespace tandem::bench {
namespace {

/// In the order of the octets, so that symbols are in canonical order too.
std::uint8_t symbol_of(std::uint8_t octet) {
  if (octet >= 'a' && octet <= 'z') {
    return static_cast<std::uint8_t>(octet - 'a' + 13);
  }
  if (octet >= '0' && octet <= '9') {
    return static_cast<std::uint8_t>(octet - '0' + 2);
  }
  CHECK(octet == '-' || octet == '_');
  return octet == '-' ? 1 : 12;
}

std::size_t twigs_of(const QpTrie::Node& branch) noexcept {
  return static_cast<std::size_t>(std::popcount(branch.bitmap()));
}

}  // namespace

void TrieKey::assign(OctetSpan relative) noexcept {
  static const std::array<std::uint8_t, 256> symbols = [] {
    std::array<std::uint8_t, 256> table{};
    for (const char octet : std::string_view("-_abcdefghijklmnopqrstuvwxyz0123456789")) {
      table[static_cast<std::uint8_t>(octet)] = symbol_of(static_cast<std::uint8_t>(octet));
    }
    return table;
  }();
  std::array<std::uint8_t, 128> label;
  std::size_t labels = 0;
  for (std::size_t at = 0; at < relative.size(); at += 1U + relative[at]) {
    label[labels++] = static_cast<std::uint8_t>(at);
  }
  size_ = 0;
  while (labels > 0) {
    const std::size_t at = label[--labels];
    for (std::size_t i = 1; i <= relative[at]; ++i) {
      symbol_[size_++] = symbols[relative[at + i]];
    }
    symbol_[size_++] = 0;
  }
}

std::size_t TrieKey::common(const TrieKey& other) const noexcept {
  std::size_t same = 0;
  while (same < std::min(size_, other.size_) && symbol_[same] == other.symbol_[same]) {
    ++same;
  }
  return same;
}

QpTrie::QpTrie(const std::vector<Item>& items) : nodes_(2) {
  std::vector<TrieKey> keys(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    keys[i].assign(items[i].relative);
  }
  build(root_, keys, items, 0, items.size());
}

void QpTrie::build(std::uint32_t at, const std::vector<TrieKey>& keys,
                   const std::vector<Item>& items, std::size_t first, std::size_t last) {
  if (last - first == 1) {
    nodes_[at].ref = items[first].value;
    return;
  }
  const std::size_t offset = keys[first].common(keys[last - 1]);
  std::vector<std::size_t> starts;  // of the keys with the same symbol there
  std::uint64_t bitmap = 0;
  for (std::size_t i = first; i < last; ++i) {
    if (i == first || keys[i].at(offset) != keys[i - 1].at(offset)) {
      starts.push_back(i);
      bitmap |= std::uint64_t{1} << keys[i].at(offset);
    }
  }
  const auto twigs = static_cast<std::uint32_t>(nodes_.size());
  nodes_[at] = {
      static_cast<std::uint32_t>(bitmap & 0x7fff'ffffU) | (1U << 31U),
      static_cast<std::uint32_t>(bitmap >> 31U) | static_cast<std::uint32_t>(offset << 8U), twigs};
  nodes_.resize(nodes_.size() + starts.size());
  starts.push_back(last);
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    build(twigs + static_cast<std::uint32_t>(i), keys, items, starts[i], starts[i + 1]);
  }
}

std::uint32_t QpTrie::nearest(const TrieKey& key) const noexcept {
  std::uint32_t at = root_;
  while (nodes_[at].is_branch()) {
    const std::uint32_t next = below(nodes_[at], key);
    at = next != 0 ? next : nodes_[at].ref;
  }
  return nodes_[at].ref;
}

std::size_t QpTrie::replace(const TrieKey& key, std::uint32_t value) {
  const std::size_t before = nodes_.size();
  nodes_.push_back(nodes_[root_]);
  root_ = static_cast<std::uint32_t>(before);
  std::uint32_t at = root_;
  while (nodes_[at].is_branch()) {
    const Node branch = nodes_[at];
    const auto copy = static_cast<std::uint32_t>(nodes_.size());
    for (std::size_t i = 0; i < twigs_of(branch); ++i) {
      nodes_.push_back(nodes_[branch.ref + i]);
    }
    nodes_[at].ref = copy;
    at = below(nodes_[at], key);
  }
  nodes_[at].ref = value;
  return (nodes_.size() - before) * sizeof(Node);
}

}  // namespace tandem::bench
