// Who may do something, by where they come from: networks as `192.0.2.0/24`, `2001:db8::/32`, or a
// single address.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include "common/base/result.h"

namespace tandem {

class AddressPrefix {
 public:
  /// Fails: kInvalid with the forms that are expected; also when bits behind the prefix are set.
  static Result<AddressPrefix> from_text(std::string_view text);

  /// One address alone.
  static AddressPrefix single(const sockaddr& address) noexcept;

  [[nodiscard]] std::string to_text() const;

  /// An IPv4 address that came through an IPv6 socket (RFC 4291 s2.5.5.2) counts as the IPv4 one.
  [[nodiscard]] bool contains(const sockaddr& address) const noexcept;

 private:
  using Address = std::array<std::uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d

  static Address address_of(const sockaddr& address) noexcept;

  Address address_{};
  unsigned bits_ = 0;  // of address_: an IPv4 prefix has 96 more than it says
};

}  // namespace tandem
