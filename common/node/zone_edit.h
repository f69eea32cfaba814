// A zone's records while a change of them is worked out: what edits before have made of it, and in
// the end the changeset that all of them come to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/dns/name.h"
#include "common/dns/rr_set.h"
#include "common/zone/changeset.h"
#include "common/zone/zone.h"

namespace tandem {

/// The records of one owner and type. What is equal in canonical form is one record (RFC 4034
/// s6.2): the one that is there stays.
class EditedSet {
 public:
  EditedSet(const Zone& zone, NameView owner, RrType type);

  [[nodiscard]] const std::vector<Octets>& rdatas() const noexcept { return rdatas_; }

  [[nodiscard]] bool empty() const noexcept { return rdatas_.empty(); }

  /// None when it is empty.
  [[nodiscard]] std::optional<std::uint32_t> ttl() const noexcept {
    return empty() ? std::nullopt : std::optional(ttl_);
  }

  [[nodiscard]] bool contains(OctetSpan rdata) const;

  /// `ttl`: of all records of the set from then on (RFC 2181 s5.2); none: as it is, or kDefaultTtl.
  void add(OctetSpan rdata, std::optional<std::uint32_t> ttl);
  void remove(OctetSpan rdata);

  void clear() noexcept { rdatas_.clear(); }

  /// Appends what differs from the zone.
  void write_to(Changeset& change) const;

 private:
  Name owner_;
  RrType type_;
  RrSet before_;
  std::uint32_t ttl_ = kDefaultTtl;
  std::vector<Octets> rdatas_;
};

class ZoneEdit {
 public:
  /// Requires: `zone` outlives it.
  explicit ZoneEdit(const Zone& zone) : zone_(zone) {}

  /// Stays where it is.
  [[nodiscard]] EditedSet& set_of(NameView owner, RrType type);
  /// The apex has its SOA and its name servers always (RFC 2136 s3.4.2.3).
  [[nodiscard]] bool keeps(NameView owner, RrType type) const;
  /// Unless it is kept.
  void clear_set(NameView owner, RrType type);
  /// All sets at `owner` but those that are kept.
  void clear_name(NameView owner);
  /// Those that have records at `owner` now.
  [[nodiscard]] std::vector<RrType> types_at(NameView owner);

  [[nodiscard]] Changeset take() const;

 private:
  const Zone& zone_;
  std::map<std::pair<Name, RrType>, EditedSet> sets_;
};

}  // namespace tandem
