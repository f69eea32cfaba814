// Keys whose certificates are expired (2001) and not yet valid (2090). For tests only.
#pragma once

#include "common/crypto/node_key.h"

namespace tandem::testing {

[[nodiscard]] NodeKey expired_key();
[[nodiscard]] NodeKey not_yet_valid_key();

}  // namespace tandem::testing
