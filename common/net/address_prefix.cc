#include "common/net/address_prefix.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <span>

#include <fmt/format.h>

namespace tandem {
namespace {

constexpr unsigned kMappedBits = 96;  // of ::ffff:0:0/96
constexpr unsigned kAddressBits = 128;
constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::unexpected<Error> no_prefix(std::string_view text) {
  return fail(Errc::kInvalid,
              "\"{}\" is no network; expected 192.0.2.0/24, 2001:db8::/32 or one address", text);
}

/// Octet `at` of the mask that has `bits` leading ones.
std::uint8_t mask_octet(unsigned bits, std::size_t at) noexcept {
  const int left = std::clamp(static_cast<int>(bits) - static_cast<int>(at * 8), 0, 8);
  return static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(left));
}

}  // namespace

Result<AddressPrefix> AddressPrefix::from_text(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  AddressPrefix prefix;
  unsigned first_bit = 0;
  if (::inet_pton(AF_INET6, host.c_str(), prefix.address_.data()) != 1) {
    std::ranges::copy(kMapped, prefix.address_.begin());
    first_bit = kMappedBits;
    if (::inet_pton(AF_INET, host.c_str(), prefix.address_.data() + kMapped.size()) != 1) {
      return no_prefix(text);
    }
  }
  unsigned bits = kAddressBits - first_bit;
  if (slash != std::string_view::npos) {
    const std::string_view number = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
    if (error != std::errc{} || end != number.data() + number.size() ||
        bits > kAddressBits - first_bit) {
      return no_prefix(text);
    }
  }
  prefix.bits_ = first_bit + bits;
  for (std::size_t i = 0; i < prefix.address_.size(); ++i) {
    if ((prefix.address_[i] & ~mask_octet(prefix.bits_, i)) != 0) {
      return fail(Errc::kInvalid,
                  "\"{}\" names one address and a whole network; drop the /{} or "
                  "make the bits behind it zero",
                  text, bits);
    }
  }
  return prefix;
}

AddressPrefix AddressPrefix::single(const sockaddr& address) noexcept {
  AddressPrefix out;
  out.address_ = address_of(address);
  out.bits_ = 128;
  return out;
}

std::string AddressPrefix::to_text() const {
  const bool is_v4 =
      bits_ >= kMappedBits && std::ranges::equal(kMapped, std::span(address_).first<12>());
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* const octets = address_.data() + (is_v4 ? kMapped.size() : 0);
  static_cast<void>(::inet_ntop(is_v4 ? AF_INET : AF_INET6, octets, text.data(), text.size()));
  const unsigned bits = bits_ - (is_v4 ? kMappedBits : 0);
  const bool is_one = bits_ == kAddressBits;
  return is_one ? std::string(text.data()) : fmt::format("{}/{}", text.data(), bits);
}

AddressPrefix::Address AddressPrefix::address_of(const sockaddr& address) noexcept {
  Address out{};
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::ranges::copy(kMapped, out.begin());
    std::memcpy(out.data() + kMapped.size(), &v4.sin_addr, sizeof v4.sin_addr);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(out.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
  }
  return out;
}

bool AddressPrefix::contains(const sockaddr& address) const noexcept {
  const Address other = address_of(address);
  const bool is_v4 = std::equal(kMapped.begin(), kMapped.end(), other.begin());
  if (is_v4 && bits_ < kMappedBits) {
    return false;  // ::/0 is all of IPv6, and no more
  }
  for (std::size_t i = 0; i < other.size(); ++i) {
    if (((other[i] ^ address_[i]) & mask_octet(bits_, i)) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace tandem
