#include "common/zone/name_key.h"

#include "common/base/random.h"

namespace tandem {

const HashKey& process_hash_key() noexcept {
  static const HashKey key = [] {
    const auto octets = random_array<16>();
    return HashKey{load_be64(octets.data()), load_be64(octets.data() + 8) | 1U};
  }();
  return key;
}

void NameKey::assign(NameView name) noexcept {
  const OctetSpan wire = name.wire();
  size_ = static_cast<std::uint8_t>(wire.size());
  std::size_t at = 0;
  std::size_t labels = 0;
  while (wire[at] != 0) {
    offset_[labels++] = static_cast<std::uint8_t>(at);
    at += 1U + wire[at];
  }
  offset_[labels] = static_cast<std::uint8_t>(at);
  label_count_ = static_cast<std::uint8_t>(labels);
  fold_case(wire, lower_);

  const HashKey& key = process_hash_key();
  std::uint64_t hash = key.seed;
  hash_[labels] = hash;
  for (std::size_t i = labels; i-- > 0;) {
    const std::size_t start = offset_[i];
    hash = hash_padded_label(key, hash, lower_.data() + start, 1U + lower_[start]);
    hash_[i] = hash;
  }
}

std::uint64_t hash_relative(std::uint64_t suffix_hash, OctetSpan relative) noexcept {
  std::array<std::uint8_t, kMaxLabels> offset;
  std::size_t labels = 0;
  for (std::size_t at = 0; at < relative.size(); at += 1U + relative[at]) {
    offset[labels++] = static_cast<std::uint8_t>(at);
  }
  const HashKey& key = process_hash_key();
  std::uint64_t hash = suffix_hash;
  while (labels > 0) {
    const std::size_t start = offset[--labels];
    hash = hash_label(key, hash, relative.subspan(start, 1U + relative[start]));
  }
  return hash;
}

std::uint64_t hash_name(NameView name) noexcept {
  return NameKey(name).hash();
}

}  // namespace tandem
