// What a followed catalog says (RFC 9432), beside what is here: the steps from one to the other.
// Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/node/catalog_words.h"
#include "common/node/follow_plans.h"
#include "common/node/zone_sources.h"
#include "common/node/zone_table.h"
#include "common/transfer/catalog_zone.h"

namespace tandem {

/// All catalogs that a log follows, and the zones that came from them, as of one look.
class CatalogReview {
 public:
  struct Catalog {
    Name name;
    FollowedCatalog how;
    std::string problem = {};                    // why there is no content
    std::optional<Serial> serial = {};           // of the content
    std::optional<CatalogContent> content = {};  // nothing: broken, or not come yet
  };

  /// Reads the catalogs. `configured`: zones that this node's configuration takes from elsewhere.
  /// Requires: both outlive the review.
  CatalogReview(const ZoneTable& table, const ZoneSources& configured);

  struct Findings {
    std::vector<MemberStep> steps;  // removals first
    std::vector<Name> clashes;      // members that stay with who has them (s5.2), or are too long
  };

  /// What is to be done for a catalog that has content; nothing otherwise.
  [[nodiscard]] Findings findings_of(const Catalog& catalog) const;

  [[nodiscard]] const std::vector<Catalog>& catalogs() const noexcept { return catalogs_; }

 private:
  /// A zone as it is here.
  struct Here {
    std::string text;  // of its member setting
    MemberSetting setting;
    std::string source;
    ZoneRecordPtr zone;
    std::optional<ZoneHolderView> holder;
  };

  [[nodiscard]] Here here(const StoredName& zone) const;
  void add_member(const Catalog& catalog, const CatalogMember& member, Findings& to) const;
  [[nodiscard]] const Catalog* find(NameView catalog) const noexcept;

  const ZoneTable& table_;
  const ZoneSources& configured_;
  std::vector<Catalog> catalogs_;                                       // ascending by name
  std::map<std::string, SettingBook, std::less<>> members_by_catalog_;  // zone, and its setting
};

}  // namespace tandem
