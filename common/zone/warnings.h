// What is odd about a zone without being wrong: name servers without address, mail to an alias, ...
#pragma once

#include <string>
#include <vector>

#include "common/zone/zone.h"

namespace tandem {

constexpr std::size_t kMaxWarnings = 100;

/// Appends what is odd about the records at `owner`, and about targets in this zone that they name.
void append_owner_warnings(const Zone& zone, NameView owner, std::vector<std::string>& to);

/// The same for all names; at most kMaxWarnings in `to` afterwards.
void append_zone_warnings(const Zone& zone, std::vector<std::string>& to);

}  // namespace tandem
