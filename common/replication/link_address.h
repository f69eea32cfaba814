// ADDR:PORT and NAME:PORT: as people write them, as the socket calls and as gRPC want them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include "common/base/result.h"

namespace tandem {

struct HostPort {
  std::string host;  // without the brackets of an IPv6 address
  std::uint16_t port = 0;

  friend bool operator==(const HostPort&, const HostPort&) = default;
};

/// `192.0.2.1:7953`, `[2001:db8::1]:7953` or `name.example:7953`. Fails: kInvalid with the form
/// that is expected.
Result<HostPort> parse_host_port(std::string_view text);

/// Address and port as bind(2) takes and accept(2) gives them.
class LinkSocketAddress {
 public:
  LinkSocketAddress() = default;

  /// Fails: kInvalid when the host is a name and not an address.
  static Result<LinkSocketAddress> of(const HostPort& from);

  [[nodiscard]] const sockaddr* get() const noexcept;
  [[nodiscard]] sockaddr* buffer() noexcept;

  [[nodiscard]] socklen_t size() const noexcept { return size_; }

  /// For calls that fill buffer(): in its capacity, out the size.
  [[nodiscard]] socklen_t* size_buffer() noexcept {
    size_ = sizeof storage_;
    return &size_;
  }

  [[nodiscard]] int family() const noexcept { return storage_.ss_family; }

  [[nodiscard]] std::string to_text() const;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

/// What gRPC dials: addresses as they are, names through its resolver.
[[nodiscard]] std::string grpc_target(const HostPort& to);

/// gRPC's `ipv4:192.0.2.1:7` or `ipv6:%5B2001:db8::1%5D:7` as ADDR:PORT; anything else as it is.
[[nodiscard]] std::string address_of_peer_uri(std::string_view uri);

}  // namespace tandem
