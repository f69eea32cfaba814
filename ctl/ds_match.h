// Whether a DS record names a DNSKEY record (RFC 4034 s5.1). Pure.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/dns/name.h"

namespace tandem {

/// RFC 4034 appendix B, for every algorithm but 1. `dnskey`: rdata.
[[nodiscard]] std::uint16_t key_tag(OctetSpan dnskey);

/// The key tag of a DS record. Requires: valid rdata, here and below.
[[nodiscard]] std::uint16_t ds_key_tag(OctetSpan ds);

/// Key tag, algorithm and digest are those of the key. A digest of a type that is not known here
/// (known: 1, 2, 4) is not looked at.
[[nodiscard]] bool ds_names_key(const Name& zone, OctetSpan ds, OctetSpan dnskey);

}  // namespace tandem
