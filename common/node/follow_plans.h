// The plans behind catalogs that are followed (RFC 9432): members become zones that are taken from
// elsewhere, and go. Pure functions over a draft.
#pragma once

#include <string>
#include <vector>

#include "common/dns/stored_name.h"
#include "common/node/catalog_words.h"
#include "common/node/change.h"

namespace tandem {

/// Follows a catalog, or follows it in another way. `keys`: those that `how` names and this node
/// does not have; warns as key_warnings(). Fails: kInvalid for a name too long; kExists when there
/// is a zone of the name; kRefused for one that is made here; kTooLarge.
[[nodiscard]] Planner plan_follow(const Name& catalog, const FollowedCatalog& how,
                                  const std::vector<Name>& keys);

/// Ends a followed catalog and its zone. The zones that came from it stay, and are taken from
/// elsewhere as before: a warning says how many. Fails: kNotFound.
[[nodiscard]] Planner plan_unfollow(const Name& catalog);

/// What becomes of one zone.
struct MemberStep {
  StoredName zone;
  std::string before;     // its member setting when that was decided
  MemberSetting after;    // without `from`: it goes with all that it has
  bool is_reset = false;  // what it has goes first (s5.4)
};

/// At most so many steps are one change: its entry has to be small.
constexpr std::size_t kMostSteps = 256;

/// Makes the steps of members of `catalog`, but for those whose zone is not any more what it was
/// when they were decided. Nothing once the catalog is not followed. Requires: at most kMostSteps.
/// Fails: kTooLarge when there are too many zones.
[[nodiscard]] Planner plan_members(const Name& catalog, std::vector<MemberStep> steps);

/// The template that the members of `group` have; null: none.
[[nodiscard]] const GroupTemplate* find_template(const FollowedCatalog& catalog,
                                                 std::string_view group) noexcept;

/// What a template makes of a zone's options. Null: what a zone has without one.
[[nodiscard]] ZoneOptions options_by(const ZoneOptions& options,
                                     const GroupTemplate* made) noexcept;

}  // namespace tandem
