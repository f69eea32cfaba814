// Rdata from wire and from text. The first two octets are the type, the rest is tried as both.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

void check_text_round_trip(RrType type, OctetSpan rdata) {
  const auto again = rdata_from_text(type, rdata_to_text(type, rdata));
  CHECK(again && equal(*again, rdata));
}

void check_canonical_form(RrType type, OctetSpan rdata) {
  Octets canonical;
  append_canonical_rdata(type, rdata, canonical);
  CHECK(validate_rdata(type, canonical));
  Octets twice;
  append_canonical_rdata(type, canonical, twice);
  CHECK(equal(canonical, twice));
  CHECK(compare_rdata(type, rdata, rdata) == 0);
  CHECK(compare_rdata(type, rdata, canonical) == 0);
}

void check_names(RrType type, OctetSpan rdata) {
  const CompressibleNames names = compressible_names(type, rdata);
  for (std::size_t i = 0; i < names.count; ++i) {
    CHECK(Name::from_wire(rdata.subspan(names.name[i].offset, names.name[i].octets)));
  }
  const RdataName target = target_name(type, rdata);
  CHECK(target.octets == 0 || Name::from_wire(rdata.subspan(target.offset, target.octets)));
}

void check_all(RrType type, OctetSpan rdata) {
  CHECK(validate_rdata(type, rdata));
  check_text_round_trip(type, rdata);
  check_canonical_form(type, rdata);
  check_names(type, rdata);
}

void try_wire(RrType type, OctetSpan wire) {
  Octets rdata;
  if (append_rdata_from_wire(type, WireReader(wire), rdata)) {
    check_all(type, rdata);
  } else {
    CHECK(rdata.empty());
  }
  if (validate_rdata(type, wire)) {
    CHECK(equal(rdata, wire));
  }
}

void try_text(RrType type, std::string_view text) {
  if (const auto rdata = rdata_from_text(type, text)) {
    check_all(type, *rdata);
  }
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto type = static_cast<tandem::RrType>(tandem::load_be16(data));
  const tandem::OctetSpan input(data + 2, size - 2);
  tandem::try_wire(type, input);
  tandem::try_text(type, tandem::as_text(input));
  return 0;
}
