// Catalog zones (RFC 9432): a zone whose records list other zones, so that secondaries add and
// remove these by themselves. Here is what a producer writes, what a consumer reads, and the rules
// by which a consumer acts on it; the acting is elsewhere. Pure.
//
//   version.CATALOG              TXT "2"
//   <label>.zones.CATALOG        PTR the member zone
//   group.<label>.zones.CATALOG  TXT how the member is to be treated
//   coo.<label>.zones.CATALOG    PTR the catalog that the member may move to
//
// The label of a member node says nothing about the zone, but another label means another zone of
// the same name: the consumer drops what it has and fetches it anew (s5.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/stored_name.h"
#include "common/log/position.h"
#include "common/zone/changeset.h"
#include "common/zone/serial.h"
#include "common/zone/zone.h"

namespace tandem {

// --- the producer

/// What a catalog is to say of one zone.
struct ListedZone {
  ZoneId incarnation;  // in hex it is the label: a zone that was made again is reset everywhere
  StoredName zone;
  std::string group = {};              // empty: none
  std::optional<StoredName> coo = {};  // the catalog that may take the zone over (s4.3.1)
};

/// Fails: kInvalid for a name so long that the names of a catalog would not fit below it.
Status check_catalog_name(NameView catalog);
/// Fails: kInvalid for more than the 255 octets of one character-string.
Status check_catalog_group(std::string_view group);

/// The catalog of `zones`, with the SOA and the NS record that RFC 9432 recommends (s4, appendix
/// A). Requires: no incarnation and no zone twice. Fails: kInvalid as the checks above.
Result<ZonePtr> make_catalog(NameView name, std::span<const ListedZone> zones, Serial serial);

/// What makes `catalog` say of the `listed` zones what is in there and list the `unlisted` ones no
/// more, whatever it says of them now. Takes time for these only, however many others it lists. The
/// SOA stays as it is: see serial_change(). Requires: no incarnation twice; the incarnation that a
/// listed zone had before is among the unlisted ones. Fails: kInvalid as the checks above.
Result<Changeset> catalog_change(const Zone& catalog, std::span<const ListedZone> listed,
                                 std::span<const ZoneId> unlisted);

// --- the consumer

/// More is refused unless an operator says otherwise: whoever writes the catalog makes us serve
/// what is in there.
constexpr std::size_t kMaxCatalogMembers = 1'000'000;

/// One zone that a catalog lists.
struct CatalogMember {
  StoredName zone;
  std::string label;           // of the member node, in lower case; any octets
  std::vector<Octets> groups;  // each the whole rdata of a TXT record (s4.3.2), in canonical order
  std::optional<StoredName> coo;
};

/// Whether one of the groups is the single character-string `group`, with its case.
[[nodiscard]] bool is_in_group(const CatalogMember& member, std::string_view group) noexcept;

/// What a catalog lists.
struct CatalogContent {
  std::vector<CatalogMember> members;  // ascending by zone, none twice

  /// Null: it is not listed.
  [[nodiscard]] const CatalogMember* find(NameView zone) const noexcept;
};

/// Reads a catalog. Records that have no meaning are ignored (s3), custom properties below `ext`
/// too (s4.4). Fails, and then nothing that came from this catalog may change (s5.1): kInvalid with
/// the reason for a broken catalog, which is one without exactly one version record that says "2"
/// (s4.2.1), with several PTR records in a member node or in `coo` (s4.1, s4.3.1), or with the same
/// zone twice (s4.1); kTooLarge for more than `most_members`.
Result<CatalogContent> read_catalog(const Zone& catalog, std::size_t most_members);

/// Who has a zone already.
struct ZoneHolderView {
  std::optional<NameView> catalog = {};   // nothing: it is configured otherwise
  const CatalogMember* member = nullptr;  // how that lists it; null while it is broken
};

/// What to do with a zone that a catalog lists.
enum class Admission : std::uint8_t {
  kAdd,           // nobody has it
  kKeep,          // it came from this catalog
  kMove,          // from the other catalog, with its state
  kMoveAndReset,  // from the other catalog, without its state
  kClash,         // whoever has it keeps it; to be ignored and logged (s5.2)
};

/// Whether the catalog `name` may have `incoming`, when `holder` has the zone, or nobody. A zone
/// moves only when the catalog that has it still says so by `coo`, and its state goes with it only
/// under the same label (s4.3.1).
[[nodiscard]] Admission admission_of(const CatalogMember& incoming, NameView name,
                                     const std::optional<ZoneHolderView>& holder) noexcept;

}  // namespace tandem
