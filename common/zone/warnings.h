// What is odd about a zone without being wrong: name servers without address, mail to an alias, ...
#pragma once

#include <string>
#include <vector>

#include "common/zone/zone.h"

namespace tandem {

constexpr std::size_t kMaxWarnings = 100;

/// Appends what is odd about the records at `owner`, and about targets in this zone that they name.
void append_owner_warnings(const Zone& zone, NameView owner, std::vector<std::string>& to);

/// Appends it when the zone's own name server `host` has no address in it.
void append_name_server_warnings(const Zone& zone, NameView host, std::vector<std::string>& to);

/// What is odd about the records of all names; at most kMaxWarnings in `to` afterwards.
void append_zone_warnings(const Zone& zone, std::vector<std::string>& to);

}  // namespace tandem
