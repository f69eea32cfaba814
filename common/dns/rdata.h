// Record data: one table of types (rdata_schema.h) walked five ways: wire in, wire out, text in,
// text out, canonical form. Everywhere else in the project rdata is validated uncompressed wire
// octets, case kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/dns/types.h"
#include "common/dns/wire_reader.h"

namespace tandem {

constexpr std::size_t kMaxRdataOctets = 65535;

/// Appends the rdata that fills `reader` to `out`, names decompressed where the type may have them
/// compressed (RFC 3597 s4: received compression is followed for the types of RFC 1035 and those
/// that section lists; everywhere else a pointer is an error). Types not in the table are taken as
/// they are. Fails: kInvalid when the octets do not fit the type; `out` is then as before.
Status append_rdata_from_wire(RrType type, WireReader reader, Octets& out);

/// Checks uncompressed rdata against its type. Fails: kInvalid with what is wrong.
Status validate_rdata(RrType type, OctetSpan rdata);

/// Presentation form as in a master file, names with their final dot; `\# n hex` for types not in
/// the table. Requires: valid rdata.
[[nodiscard]] std::string rdata_to_text(RrType type, OctetSpan rdata);

/// One rdata from presentation form, `\# n hex` (RFC 3597 s5) accepted for every type. `text` is
/// the rdata part of one record, already on one logical line and without a comment; relative names
/// are completed with `origin`. Fails: kInvalid, "what, and what was expected"; columns are
/// reported by the master file parser.
Result<Octets> rdata_from_text(RrType type, std::string_view text, NameView origin = {});

/// Appends the canonical form of RFC 4034 s6.2 as corrected by RFC 6840 s5.1: names folded to lower
/// case in the types listed there, in no others. Requires: valid rdata.
void append_canonical_rdata(RrType type, OctetSpan rdata, Octets& out);

/// Order of rdata inside an RRset: canonical forms compared as octets (RFC 4034 s6.3). Requires:
/// valid rdata.
[[nodiscard]] int compare_rdata(RrType type, OctetSpan a, OctetSpan b);

/// A domain name inside rdata: where it starts and how many octets it has.
struct RdataName {
  std::size_t offset = 0;
  std::size_t octets = 0;
};

/// The names of `rdata` that may be compressed when sent: those of NS, CNAME, SOA, PTR and MX (RFC
/// 3597 s4 allows the types of RFC 1035 only). At most two. Requires: valid rdata.
struct CompressibleNames {
  std::size_t count = 0;
  RdataName name[2];  // NOLINT(modernize-avoid-c-arrays): two, by the RFC
};

[[nodiscard]] CompressibleNames compressible_names(RrType type, OctetSpan rdata) noexcept;

/// The name that additional section processing follows: NS, MX, SRV, KX, AFSDB, LP, SVCB targets
/// and the like; octets == 0 when the type has none. Requires: valid rdata.
[[nodiscard]] RdataName target_name(RrType type, OctetSpan rdata) noexcept;

/// Whether the table has a row for `type`; rdata of every other type is opaque octets (RFC 3597).
[[nodiscard]] bool is_known_type(RrType type) noexcept;

}  // namespace tandem
