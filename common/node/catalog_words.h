// What the settings of the log say of catalog zones (RFC 9432) and of the zones in them. Texts from
// and to values; words with spaces between.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/log/entry.h"
#include "common/node/outside_server.h"

namespace tandem {

/// What the cluster calls a group of members: 1 to 255 printable octets without spaces. Fails:
/// kInvalid.
Status check_group_name(std::string_view group);

/// A catalog whose members are zones of the log.
struct MadeCatalog {
  enum class Members : std::uint8_t {
    kAll,    // but those that are left out, or in another catalog
    kNamed,  // those whose own setting names it
  };

  Members members = Members::kAll;
  std::string group = {};  // of members that have none of their own; empty: none

  friend bool operator==(const MadeCatalog&, const MadeCatalog&) = default;
};

/// How members of one group are served.
struct GroupTemplate {
  std::string group;
  bool serve_after_expire = false;
  std::uint32_t rrset_records_max = 0;  // 0: the default

  friend bool operator==(const GroupTemplate&, const GroupTemplate&) = default;
};

/// A catalog that another server makes, and whose members are taken as it says.
struct FollowedCatalog {
  ZoneSource source;                     // of the catalog
  ZoneSource members;                    // of its members; none: as the catalog
  std::vector<GroupTemplate> templates;  // ascending by group

  [[nodiscard]] const ZoneSource& member_source() const noexcept {
    return members.primaries.empty() ? source : members;
  }
};

/// What the setting of a catalog's name says: one of the two. `make`, `members:named`,
/// `group:NAME`; or `follow`, PRIMARY (ZonePrimary), `members-from:PRIMARY`,
/// `group:NAME=serve-after-expire,rrset-records-max:NUMBER`.
struct CatalogSetting {
  std::optional<MadeCatalog> made;
  std::optional<FollowedCatalog> followed;

  /// Fails: kInvalid, naming the word.
  static Result<CatalogSetting> from_text(std::string_view text);
  [[nodiscard]] std::string to_text() const;
};

/// How one zone stands to catalogs, as the setting of its name says.
struct MemberSetting {
  // Catalogs that are made here. Nothing: every one that has all zones.
  std::optional<Name> catalog = {};  // `catalog:NAME`: this one and no other
  bool is_left_out = false;          // `catalog:none`: none of them
  std::optional<Name> was = {};      // `was:NAME`: this one too, while the zone leaves it
  std::optional<Name> coo = {};      // `coo:NAME`: the one it is going to (RFC 9432 s4.3.1)
  std::string group = {};            // `group:NAME`; empty: the catalog's

  // The catalog that is followed and that the zone came from, as it listed the zone.
  std::optional<Name> from = {};  // `from:NAME`
  Octets label = {};              // `label:HEX`
  std::string as = {};            // `as:GROUP`: whose template it has; empty: none

  /// Fails: kInvalid, naming the word.
  static Result<MemberSetting> from_text(std::string_view text);
  /// Empty: there is nothing to set.
  [[nodiscard]] std::string to_text() const;

  /// Whether `catalog`, which is made here and is as `made` says, lists the zone.
  [[nodiscard]] bool is_in(NameView catalog_name, const MadeCatalog& made) const noexcept;
};

}  // namespace tandem
