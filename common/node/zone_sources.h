// Which zones this node takes from elsewhere, by its configuration and by the log that it writes.
// Such a zone is what its primary says and takes no other changes.
//
// Thread rule: immutable.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/dns/name.h"
#include "common/node/outside_server.h"
#include "common/node/zone_table.h"

namespace tandem {

class ZoneSources {
 public:
  /// None but those of the log.
  ZoneSources() = default;

  /// `configured`: as Config::pulls.
  explicit ZoneSources(SettingBook configured) : configured_(std::move(configured)) {}

  /// The primaries of a zone as one text; empty: it is a zone of our own. What the configuration
  /// says comes before what the log says.
  [[nodiscard]] std::string find(const TableDraft& zones, NameView zone) const;
  [[nodiscard]] std::string find(const ZoneTable& zones, NameView zone) const;

  [[nodiscard]] bool is_configured(NameView zone) const {
    return configured_.contains(setting_name(zone));
  }

  struct Item {
    Name zone;
    std::string text;
    bool is_configured = false;
  };

  /// In canonical order of the zones.
  [[nodiscard]] std::vector<Item> all(const ZoneTable& zones) const;

 private:
  SettingBook configured_;
};

}  // namespace tandem
