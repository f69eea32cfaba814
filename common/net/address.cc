#include "common/net/address.h"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstring>
#include <net/if.h>

#include "common/base/bytes.h"

namespace tandem {
namespace {

std::unexpected<Error> no_address(std::string_view text) {
  return fail(Errc::kInvalid,
              "\"{}\" is no address with a port; expected 192.0.2.1:53 or [2001:db8::1]:53", text);
}

}  // namespace

Result<SocketAddress> SocketAddress::from_text(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return no_address(text);
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] =
      std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc{} || end != port_text.data() + port_text.size()) {
    return no_address(text);
  }
  SocketAddress address;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    if (const std::size_t percent = host.find('%'); percent != std::string_view::npos) {
      v6.sin6_scope_id = ::if_nametoindex(std::string(host.substr(percent + 1)).c_str());
      host = host.substr(0, percent);
      if (v6.sin6_scope_id == 0) {
        return no_address(text);
      }
    }
    if (::inet_pton(AF_INET6, std::string(host).c_str(), &v6.sin6_addr) != 1) {
      return no_address(text);
    }
    std::memcpy(&address.storage_, &v6, sizeof v6);
    return address;
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (::inet_pton(AF_INET, std::string(host).c_str(), &v4.sin_addr) != 1) {
    return no_address(text);
  }
  std::memcpy(&address.storage_, &v4, sizeof v4);
  return address;
}

SocketAddress SocketAddress::from_system(const sockaddr_storage& storage) noexcept {
  SocketAddress address;
  address.storage_ = storage;
  return address;
}

const sockaddr* SocketAddress::system() const noexcept {
  return reinterpret_cast<const sockaddr*>(&storage_);
}

socklen_t SocketAddress::system_octets() const noexcept {
  return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

std::uint16_t SocketAddress::port() const noexcept {
  // The port stands at the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
}

OctetSpan SocketAddress::octets() const noexcept {
  if (family() == AF_INET6) {
    return reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr.s6_addr;
  }
  const in_addr& v4 = reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr;
  return {reinterpret_cast<const std::uint8_t*>(&v4), sizeof v4};
}

bool SocketAddress::is_wildcard() const noexcept {
  if (family() == AF_INET6) {
    return IN6_IS_ADDR_UNSPECIFIED(&reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr);
  }
  return reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr.s_addr == INADDR_ANY;
}

std::string SocketAddress::to_text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family() == AF_INET6) {
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&storage_);
    static_cast<void>(::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size()));
    std::string scope;
    if (v6->sin6_scope_id != 0) {
      std::array<char, IF_NAMESIZE> name{};
      scope = ::if_indextoname(v6->sin6_scope_id, name.data()) != nullptr
                  ? fmt::format("%{}", name.data())
                  : fmt::format("%{}", v6->sin6_scope_id);
    }
    return fmt::format("[{}{}]:{}", text.data(), scope, port());
  }
  const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&storage_);
  static_cast<void>(::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size()));
  return fmt::format("{}:{}", text.data(), port());
}

}  // namespace tandem
