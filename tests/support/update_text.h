// UPDATE messages from lines, in the words of nsupdate(1), for tests.
#pragma once

#include <string_view>

#include "common/base/bytes.h"

namespace tandem::test {

/// One line each, names relative to `zone`:
///
///     prereq yxdomain|nxdomain OWNER      prereq yxrrset|nxrrset OWNER TYPE [RDATA]
///     add OWNER TTL TYPE RDATA            delete OWNER [TYPE [RDATA]]
///
/// Aborts on anything else.
[[nodiscard]] Octets update_wire(std::string_view lines, std::string_view zone = "example.");

}  // namespace tandem::test
