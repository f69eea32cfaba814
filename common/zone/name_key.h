// What a lookup knows of a name: its octets in lower case, where its labels start, and the keyed
// hash of every suffix, all from one pass. The hash of a suffix is the same whatever stands left of
// it, so the zone, the exact name, its closest encloser and the wildcard below that are all found
// without hashing anything twice.
#pragma once

#include <array>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/dns/name.h"

namespace tandem {

/// Secret of the process, so that nobody outside can choose names that collide.
struct HashKey {
  std::uint64_t seed = 0;
  std::uint64_t multiplier = 0;  // odd
};

/// Made at the first call from the kernel's random octets; the same for the life of the process.
[[nodiscard]] const HashKey& process_hash_key() noexcept;

namespace detail {

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// Hash of a label of `octets` octets at `at`, at least one; head(at, count) gives 1 to 8 as one
/// number. One multiplication for most labels: up to 16 octets.
template <class Head>
std::uint64_t hash_octets(const HashKey& key, std::uint64_t hash, const std::uint8_t* at,
                          std::size_t octets, Head&& head) noexcept {
  std::size_t left = octets;
  for (; left > 16; at += 16, left -= 16) {
    hash = mix(hash ^ load_be64(at), load_be64(at + 8) ^ key.multiplier);
  }
  const std::uint64_t first = head(at, left < 8 ? left : 8);
  const std::uint64_t second = left > 8 ? head(at + 8, left - 8) : 0;
  return mix(hash ^ first, second ^ key.multiplier);
}

}  // namespace detail

/// Extends the hash of a suffix by the label in front of it. `label` is in lower case, with its
/// length octet: that tells where the label ends.
[[nodiscard]] inline std::uint64_t hash_label(const HashKey& key, std::uint64_t suffix_hash,
                                              OctetSpan label) noexcept {
  const auto head = [](const std::uint8_t* at, std::size_t count) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      number = (number << 8U) | at[i];
    }
    return number;
  };
  return detail::hash_octets(key, suffix_hash, label.data(), label.size(), head);
}

/// The same hash when octets up to the next eight may be read behind the label.
[[nodiscard]] inline std::uint64_t hash_padded_label(const HashKey& key, std::uint64_t suffix_hash,
                                                     const std::uint8_t* label,
                                                     std::size_t octets) noexcept {
  const auto head = [](const std::uint8_t* at, std::size_t count) {
    return load_be64(at) >> (64U - 8U * count);
  };
  return detail::hash_octets(key, suffix_hash, label, octets, head);
}

/// A name ready for lookups. About 1.4 KiB, of which a lookup touches what the name uses; never
/// zeroed.
class NameKey {
 public:
  // NOLINTNEXTLINE(modernize-use-equals-default): NameKey{} must not zero the arrays
  NameKey() noexcept {}

  explicit NameKey(NameView name) noexcept { assign(name); }

  void assign(NameView name) noexcept;

  [[nodiscard]] NameView name() const noexcept {
    return NameView::unchecked({lower_.data(), size_});
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Labels without the root.
  [[nodiscard]] std::size_t label_count() const noexcept { return label_count_; }

  /// Suffix made of the last `labels` labels: its hash, its octets (root octet included), its text.
  [[nodiscard]] std::uint64_t suffix_hash(std::size_t labels) const noexcept {
    return hash_[label_count_ - labels];
  }

  [[nodiscard]] std::size_t suffix_octets(std::size_t labels) const noexcept {
    return size_ - offset_[label_count_ - labels];
  }

  [[nodiscard]] NameView suffix(std::size_t labels) const noexcept {
    const std::size_t at = offset_[label_count_ - labels];
    return NameView::unchecked({lower_.data() + at, size_ - at});
  }

  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_[0]; }

 private:
  std::uint8_t size_ = 0;
  std::uint8_t label_count_ = 0;
  std::array<std::uint8_t, kMaxNameOctets + 9> lower_;  // eight more: hash_padded_label()
  std::array<std::uint8_t, kMaxLabels + 1> offset_;     // of each label; the last is the root's
  std::array<std::uint64_t, kMaxLabels + 1> hash_;      // of the suffix that starts there
};

/// Extends the hash of `suffix_hash` by all labels of `relative` (lower case, without a root
/// octet).
[[nodiscard]] std::uint64_t hash_relative(std::uint64_t suffix_hash, OctetSpan relative) noexcept;

/// Hash of one whole name.
[[nodiscard]] std::uint64_t hash_name(NameView name) noexcept;

}  // namespace tandem
