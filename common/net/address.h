// IP addresses with ports, as text and as the socket calls want them.
#pragma once

#include <cstdint>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace tandem {

class SocketAddress {
 public:
  SocketAddress() = default;
  /// `192.0.2.1:53`, `[2001:db8::1]:53`, `[fe80::1%eth0]:53`. Fails: kInvalid with the form that is
  /// expected.
  static Result<SocketAddress> from_text(std::string_view text);
  static SocketAddress from_system(const sockaddr_storage& storage) noexcept;

  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] sa_family_t family() const noexcept { return storage_.ss_family; }

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// The address without its port: 4 or 16 octets in network byte order.
  [[nodiscard]] OctetSpan octets() const noexcept;
  [[nodiscard]] bool is_wildcard() const noexcept;
  [[nodiscard]] const sockaddr* system() const noexcept;
  [[nodiscard]] socklen_t system_octets() const noexcept;

 private:
  sockaddr_storage storage_{};
};

}  // namespace tandem
