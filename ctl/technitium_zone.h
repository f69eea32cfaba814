// What Technitium exports, made readable for others: it writes record types that it alone knows,
// and signatures whose type is a number. Pure.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "ctl/moved_zone.h"

namespace tandem {

/// Whether `text` has records that only Technitium writes.
[[nodiscard]] bool is_of_technitium(std::string_view text);

/// Reads an exported zone file into `to`. Records of ANAME, APP, FWD and the like are left out.
/// `records`: the answer of /api/zones/records/get with listZone, which alone tells what is
/// disabled there; null: not asked.
void read_technitium_zone(std::string_view text, const boost::json::value& records,
                          MovedZoneBuilder& to);

}  // namespace tandem
