// RRsets as they were before each change of a log's newest entries: found by going back from the
// zones as they are now. It tells later whether somebody else changed them meanwhile.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/stored_name.h"
#include "common/log/entry.h"
#include "common/node/zone_table.h"
#include "common/zone/rr_pack.h"

namespace tandem {

/// Whole RRsets of one zone, packed (rr_pack.h); a set that is not in it had no records.
struct ZoneSets {
  ZoneId zone;
  Octets records;

  friend bool operator==(const ZoneSets&, const ZoneSets&) = default;
};

/// Octets for the store and the link: those of an entry that adds the sets, by `actor`. Sets that
/// are too many for one entry are left out.
[[nodiscard]] Octets encode_sets(const Entry& of, const std::vector<ZoneSets>& sets,
                                 const Actor& actor = {});
/// Fails: kCorrupt.
Result<std::vector<ZoneSets>> decode_sets(OctetSpan octets);
Result<std::vector<ZoneSets>> sets_of(Entry entry);

/// Goes over a log's newest entries twice: first each is noted, then each is passed. One thread.
class OrphanSets {
 public:
  /// The first time, oldest first.
  void note(const Entry& entry);
  /// Requires: `table` is as after the last one that was noted.
  void go_back(const ZoneTable& table);
  /// The second time, oldest first: the sets that were asked to change as they were before the
  /// entry. Zones that came, went or were replaced as a whole among those entries are left out.
  [[nodiscard]] std::vector<ZoneSets> pass(const Entry& entry);

 private:
  struct Key {
    ZoneId zone;
    StoredName owner;
    RrType type{};

    friend std::weak_ordering operator<=>(const Key&, const Key&) = default;
  };

  struct Form {
    std::uint32_t ttl = 0;
    Octets rdata;
  };

  /// By canonical form (RFC 4034 s6.2).
  using Records = std::map<Octets, Form>;

  void note(const ZoneId& zone, OctetSpan packed, bool was_there);
  void step(const ZoneId& zone, OctetSpan packed, bool is_added);

  std::map<Key, std::map<Octets, std::optional<Form>>> first_;  // before it was mentioned first
  std::map<Key, Records> sets_;
  std::set<ZoneId> opaque_;  // zones whose past is not to be seen
};

}  // namespace tandem
