// The plans behind catalog zones (RFC 9432): what somebody asks for, turned into settings of the
// log. What catalogs list follows from these (catalog_members.h). Pure functions over a draft.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/dns/name.h"
#include "common/node/catalog_words.h"
#include "common/node/change.h"

namespace tandem {

/// Makes a catalog, or makes it in another way. Fails: kInvalid for a name too long; kExists when
/// there is a zone of the name; kTooLarge when there are too many catalogs.
[[nodiscard]] Planner plan_catalog(const Name& catalog, const MadeCatalog& how);

/// Ends a catalog that is made here. What is set of its members stays, for one of the same name.
/// Fails: kNotFound.
[[nodiscard]] Planner plan_catalog_removal(const Name& catalog);

/// How a zone is to be listed. What is absent stays as it is.
struct MemberWish {
  enum class Place : std::uint8_t {
    kUsual,    // in every catalog that has all zones
    kCatalog,  // in `catalog` alone
    kNowhere,
  };

  std::optional<Place> place = {};
  std::optional<Name> catalog = {};
  std::optional<std::string> group = {};  // empty: the catalog's
};

/// Requires: `catalog` where the place is kCatalog. Fails: kNotFound for a zone or a catalog that
/// is not there; kInvalid for a group's name; kTooLarge.
[[nodiscard]] Planner plan_member(const Name& zone, const MemberWish& wish);

/// The next of the three steps by which a zone goes from one catalog to another without losing its
/// state at those who follow both (RFC 9432 s4.3.1): the old one says where it goes; the new one
/// lists it, too; the old one lists it no more. Those who follow have to see each step before the
/// next: the receipt's warning says which one it was. Fails: kNotFound; kConflict when the zone is
/// not in exactly one catalog, or is on its way to another one.
[[nodiscard]] Planner plan_member_move(const Name& zone, const Name& to);

}  // namespace tandem
