#include "common/zone/nsec3_chain.h"

#include <string_view>

#include "common/crypto/digest.h"

namespace tandem {
namespace {

// Rdata of NSEC3PARAM, and the front of NSEC3: algorithm, flags, iterations, salt with its length.
constexpr std::size_t kFlagsAt = 1;
constexpr std::size_t kIterationsAt = 2;
constexpr std::size_t kSaltAt = 5;
constexpr std::uint8_t kSha1 = 1;

Nsec3Label to_label(const std::array<std::uint8_t, 20>& hash) noexcept {
  constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuv";
  Nsec3Label label;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const std::size_t bit = i * 5;
    const std::size_t octet = bit / 8;
    const unsigned next = octet + 1 < hash.size() ? hash[octet + 1] : 0U;
    const unsigned window = (static_cast<unsigned>(hash[octet]) << 8U) | next;
    label[i] = static_cast<std::uint8_t>(kAlphabet[(window >> (11U - bit % 8)) & 31U]);
  }
  return label;
}

}  // namespace

Nsec3Parameters Nsec3Parameters::of(RrSetView set) noexcept {
  if (set) {
    for (const StoredRr rr : StoredRrs(set.wire())) {
      if (rr.rdata()[0] == kSha1 && rr.rdata()[kFlagsAt] == 0) {
        return Nsec3Parameters(rr.rdata());
      }
    }
  }
  return {};
}

Nsec3Label Nsec3Parameters::label_of(NameView name) const noexcept {
  return to_label(
      nsec3_hash(name.wire(), rdata_.subspan(kSaltAt), load_be16(rdata_.data() + kIterationsAt)));
}

bool Nsec3Parameters::has_in_chain(OctetSpan relative, RrSetView nsec3) const noexcept {
  if (rdata_.empty() || !nsec3 || relative.size() != 1 + kNsec3LabelOctets ||
      relative[0] != kNsec3LabelOctets) {
    return false;
  }
  const OctetSpan wanted = rdata_.subspan(kIterationsAt);
  for (const StoredRr rr : StoredRrs(nsec3.wire())) {
    const OctetSpan rdata = rr.rdata();
    if (rdata[0] == kSha1 && rdata.size() > kIterationsAt + wanted.size() &&
        equal(rdata.subspan(kIterationsAt, wanted.size()), wanted)) {
      return true;
    }
  }
  return false;
}

}  // namespace tandem
