// A zone as PowerDNS's HTTP API gives it (GET /zones/{id}), as records. Pure.
#pragma once

#include <boost/json/value.hpp>

#include "ctl/moved_zone.h"

namespace tandem {

/// Puts the records of `zone` into `to`; what is disabled, a comment or of a type that only
/// PowerDNS has is left out.
void read_powerdns_zone(const boost::json::value& zone, MovedZoneBuilder& to);

}  // namespace tandem
