// Which of the NSEC3 chains of a zone answers are made from. While a signer rolls the salt a zone
// has two (RFC 5155 s7.3); proofs mix records of both into nonsense, so a zone has one chain that
// is answered from, and the owners of all others are kept for export alone.
#pragma once

#include <array>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/zone/node.h"

namespace tandem {

constexpr std::size_t kNsec3LabelOctets = 32;  // a SHA-1 hash in base 32

using Nsec3Label = std::array<std::uint8_t, kNsec3LabelOctets>;

/// What the hashes of one chain are made with: the rdata of an NSEC3PARAM record in the zone's
/// arena, or nothing.
class Nsec3Parameters {
 public:
  Nsec3Parameters() = default;

  /// The first record of the NSEC3PARAM RRset (null: none) that a server can use: algorithm SHA-1,
  /// no flags (RFC 5155 s4.1.2).
  static Nsec3Parameters of(RrSetView set) noexcept;

  [[nodiscard]] explicit operator bool() const noexcept { return !rdata_.empty(); }

  friend bool operator==(const Nsec3Parameters& a, const Nsec3Parameters& b) noexcept {
    return equal(a.rdata_, b.rdata_);
  }

  /// The first label of the NSEC3 owner of `name`. Requires: there are parameters; `name` in lower
  /// case. Data plane.
  [[nodiscard]] Nsec3Label label_of(NameView name) const noexcept;

  /// True when `relative` is where an owner of this chain stands and `nsec3` has a record of it.
  [[nodiscard]] bool has_in_chain(OctetSpan relative, RrSetView nsec3) const noexcept;

 private:
  explicit Nsec3Parameters(OctetSpan rdata) noexcept : rdata_(rdata) {}

  OctetSpan rdata_;
};

}  // namespace tandem
