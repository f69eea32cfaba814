// Random zones with everything the answer path knows: cuts with glue of all kinds, wildcards, CNAME
// chains, DNAMEs, empty non-terminals, names with odd octets, NSEC chains. Seeded: the same seed
// gives the same zone.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/dns/message.h"
#include "common/zone/zone.h"

namespace tandem::test {

struct PlainRecord {
  Name owner;
  RrType type{};
  std::uint32_t ttl = 0;
  Octets rdata;
};

class RandomZones {
 public:
  explicit RandomZones(std::uint64_t seed) : random_(seed) {}

  /// The records of a zone at `origin` that the builder takes, in no particular order.
  [[nodiscard]] std::vector<PlainRecord> records(NameView origin, std::size_t names);
  /// Adds NSEC3PARAM records and NSEC3 owners of several chains, anywhere, below cuts too. They
  /// make no proof.
  void add_nsec3(std::vector<PlainRecord>& records, NameView origin);
  /// A name in or near the zone: one of its owners, something below or above one, a sibling, letter
  /// case mixed.
  [[nodiscard]] Name question(const std::vector<PlainRecord>& records, NameView origin);
  [[nodiscard]] RrType question_type();

  [[nodiscard]] std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

 private:
  [[nodiscard]] Name random_owner(NameView origin);
  [[nodiscard]] std::string label();
  [[nodiscard]] PlainRecord record_at(const Name& owner, NameView origin);

  std::mt19937_64 random_;
};

/// Builds a zone of records, leaving out what the builder refuses. Never null.
[[nodiscard]] ZonePtr build_what_fits(std::vector<PlainRecord>& records, NameView origin);

}  // namespace tandem::test
