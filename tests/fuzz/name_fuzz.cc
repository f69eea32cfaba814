// Names from wire and from text: what is accepted survives the way to the other form and back.
#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/dns/name.h"
#include "common/dns/rdata_text.h"
#include "common/dns/wire_reader.h"
#include "common/dns/wire_writer.h"

namespace tandem {
namespace {

void check_text_round_trip(const Name& name) {
  const auto again = Name::from_text(name.to_text());
  CHECK(again && equal(again->wire(), name.wire()));
}

void check_compression_round_trip(const Name& name) {
  std::array<std::uint8_t, 3 * kMaxNameOctets> buffer{};
  WireWriter writer(buffer);
  writer.u16(0);
  writer.compressed_name(name);
  writer.compressed_name(name);
  CHECK(writer.ok());
  WireReader reader(writer.written(), 2);
  CHECK(reader.name() == name);
  CHECK(reader.name() == name);
  CHECK(reader.ok() && reader.at_end());
}

void check_order(const Name& name) {
  CHECK(name == name.lower());
  CHECK((name <=> name.lower()) == 0);
  CHECK(name.is_subdomain_of(name));
  if (!name.is_root()) {
    CHECK(name.is_subdomain_of(name.parent()));
    CHECK((name <=> Name(name.parent())) > 0);
  }
}

void try_wire(OctetSpan wire) {
  WireReader reader(wire);
  const Name read = reader.name();
  if (reader.ok()) {
    check_text_round_trip(read);
    check_compression_round_trip(read);
    check_order(read);
  }
  const auto name = Name::from_wire(wire);
  if (name) {
    CHECK(reader.ok() && equal(read.wire(), name->wire()));
  }
}

void try_text(std::string_view text) {
  const Name origin = Name::from_text("origin.example.").value_or(Name());
  const auto name = Name::from_text(text, origin);
  std::array<std::uint8_t, kMaxNameOctets> plain{};
  const std::size_t octets = plain_name_from_text(text, origin, plain);
  if (octets != 0) {
    CHECK(name && equal(name->wire(), {plain.data(), octets}));
  }
  if (name) {
    check_text_round_trip(*name);
  }
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tandem::OctetSpan input(data, size);
  tandem::try_wire(input);
  tandem::try_text(tandem::as_text(input));
  return 0;
}
