// Who may have how many TCP connections (RFC 7766 s10): the more of all are in use, the fewer for
// one network, so that some networks with many each do not take all. One thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>

#include <boost/asio/ip/address.hpp>

namespace tandem {

class TcpQuota {
  /// An IPv4 address, or the first bits of an IPv6 address.
  struct Network {
    std::uint8_t bits = 0;
    std::array<std::uint8_t, 8> octets{};

    friend auto operator<=>(const Network&, const Network&) = default;
  };

  using Counts = std::map<Network, std::size_t>;

 public:
  /// One connection's share; given back with release().
  struct Share {
    Counts::iterator host;  // IPv4 /32, IPv6 /64: what one subscriber has
    Counts::iterator site;  // IPv6 /48: what one organisation has; for IPv4 the host
  };

  /// `connections` in all, `per_host` for an IPv4 address or an IPv6 /64.
  TcpQuota(std::size_t connections, std::size_t per_host)
      : connections_(connections), per_host_(per_host) {}

  [[nodiscard]] bool is_full() const noexcept { return in_use_ >= connections_; }

  /// Whether one more from there may be, provided that there is room for it.
  [[nodiscard]] bool allows(const boost::asio::ip::address& address) const;
  [[nodiscard]] Share take(const boost::asio::ip::address& address);
  void release(const Share& share);

  /// How many connections weigh on the share's network: who has most goes first.
  [[nodiscard]] static std::size_t weight(const Share& share) noexcept;

 private:
  static Network network_of(const boost::asio::ip::address& address, std::uint8_t bits);
  [[nodiscard]] std::size_t count(const Network& network) const;
  [[nodiscard]] std::size_t shrunk(std::size_t cap) const noexcept;

  std::size_t connections_;
  std::size_t per_host_;
  std::size_t in_use_ = 0;
  Counts counts_;
};

}  // namespace tandem
