// Names a request by who made it and the id it gave it, so that a repeat is known as one.
#pragma once

#include "common/log/entry.h"

namespace tandem {

/// Of requests with another credential or another id it is another one. Requires: an id.
[[nodiscard]] RequestKey request_key(const Actor& actor, OctetSpan request_id);

}  // namespace tandem
