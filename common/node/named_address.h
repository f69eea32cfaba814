// Addresses that have a name, and records that follow them: `home4` is `14.6.220.78`; `home6` is
// the prefix `2001:db8:1:2::/64`, in which `home6+::53` is a host.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/dns/types.h"
#include "common/node/zone_table.h"

namespace tandem {

/// What a named address is: one address, or an IPv6 prefix whose hosts each record says.
struct AddressValue {
  std::array<std::uint8_t, 16> octets{};  // IPv4: the first four
  bool is_v6 = false;
  unsigned prefix_bits = 0;  // of an IPv6 prefix, 1 to 127; else 0

  /// `192.0.2.1`, `2001:db8::1`, `2001:db8:1:2::/64`. Fails: kInvalid with the forms that are
  /// expected, and for a prefix with bits behind it.
  static Result<AddressValue> from_text(std::string_view text);
  [[nodiscard]] std::string to_text() const;
};

/// How a record follows an address: by its name, and as which host when that is a prefix.
struct AddressUse {
  std::string name;
  std::optional<std::array<std::uint8_t, 16>> host;

  /// `home4`, `home6+::53`. Fails: kInvalid.
  static Result<AddressUse> from_text(std::string_view text);
  [[nodiscard]] std::string to_text() const;
};

/// The data of a record that follows an address. Fails: kInvalid when the type, the address and the
/// host do not go together, kNotFound for an address that is not in the book.
Result<Octets> followed_rdata(const AddressUse& use, RrType type, const AddressBook& book);

/// The same of one part of RecordNote::address.
Result<Octets> followed_rdata(std::string_view part, RrType type, const AddressBook& book);

/// How a record with this data would follow the address `name`. Nothing: it is another address.
[[nodiscard]] std::optional<AddressUse> use_of(const std::string& name, const AddressValue& value,
                                               RrType type, OctetSpan rdata);

}  // namespace tandem
