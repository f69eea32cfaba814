#include "common/replication/link_address.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <netdb.h>

namespace tandem {
namespace {

constexpr std::size_t kMaxHostOctets = 253;

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

bool is_host_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '-' || c == '_';
}

bool is_ipv6_char(char c) noexcept {
  return is_host_char(c) || c == ':' || c == '%';
}

std::unexpected<Error> malformed(std::string_view text) {
  return fail(Errc::kInvalid,
              "link address {}: expected ADDR:PORT, [ADDR]:PORT for IPv6, or NAME:PORT",
              text.substr(0, kMaxHostOctets));
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && text.size() - i > 2 &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr ==
            text.data() + i + 3) {
      out.push_back(static_cast<char>(value));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

}  // namespace

Result<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return malformed(text);
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  HostPort out;
  const auto port = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (digits.empty() || port.ec != std::errc() || port.ptr != digits.data() + digits.size()) {
    return malformed(text);
  }
  const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (has_brackets) {
    host = host.substr(1, host.size() - 2);
  }
  if (host.size() > kMaxHostOctets ||
      !std::ranges::all_of(host, has_brackets ? is_ipv6_char : is_host_char)) {
    return malformed(text);
  }
  out.host = host;
  if (has_brackets && (!LinkSocketAddress::of(out) || host.find(':') == std::string_view::npos)) {
    return malformed(text);
  }
  return out;
}

Result<LinkSocketAddress> LinkSocketAddress::of(const HostPort& from) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(from.host.c_str(), std::to_string(from.port).c_str(), &hints, &found) != 0 ||
      found == nullptr) {
    return fail(Errc::kInvalid, "link address {}:{}: {} is not an IP address", from.host, from.port,
                from.host);
  }
  const std::unique_ptr<addrinfo, FreeAddresses> owner(found);
  LinkSocketAddress out;
  std::memcpy(&out.storage_, found->ai_addr, found->ai_addrlen);
  out.size_ = found->ai_addrlen;
  return out;
}

const sockaddr* LinkSocketAddress::get() const noexcept {
  return reinterpret_cast<const sockaddr*>(&storage_);
}

sockaddr* LinkSocketAddress::buffer() noexcept {
  return reinterpret_cast<sockaddr*>(&storage_);
}

std::string LinkSocketAddress::to_text() const {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (::getnameinfo(get(), size_, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown";
  }
  return family() == AF_INET6 ? fmt::format("[{}]:{}", host.data(), port.data())
                              : fmt::format("{}:{}", host.data(), port.data());
}

std::string grpc_target(const HostPort& to) {
  const auto address = LinkSocketAddress::of(to);
  if (!address) {
    return fmt::format("dns:///{}:{}", to.host, to.port);
  }
  if (address->family() == AF_INET) {
    return "ipv4:" + address->to_text();
  }
  std::string out = "ipv6:";
  for (const char c : address->to_text()) {
    out += c == '%' ? std::string("%25") : std::string(1, c);
  }
  return out;
}

std::string address_of_peer_uri(std::string_view uri) {
  if (uri.starts_with("ipv4:") || uri.starts_with("ipv6:")) {
    uri.remove_prefix(5);
  }
  return percent_decoded(uri);
}

}  // namespace tandem
