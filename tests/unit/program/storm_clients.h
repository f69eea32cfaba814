// Clients of the storm: they ask one server without a pause and look at what they are told. The
// zone that they ask for has kNames names that always change together: `n0.example.` and so on,
// each with one address, which is the zone's version as a number of 24 bits in 10.0.0.0/8.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "common/dns/message.h"
#include "common/net/address.h"
#include "tests/unit/program/again.h"

namespace tandem::test {

inline constexpr std::uint16_t kNames = 20;

[[nodiscard]] std::string owner_of(std::uint32_t number);
[[nodiscard]] std::string address_of(std::uint32_t version);

/// What its clients may expect of a server.
enum class Knows : std::uint8_t {
  kZone,    // from its first query on
  kPerhaps  // a follower that may not have its first copy yet
};

/// Asks over UDP. What one client sees becomes newer and never older.
class UdpClient {
 public:
  UdpClient(const SocketAddress& server, Knows knows)
      : server_(server), knows_(knows), again_([this] { ask_for_a_while(); }) {}

  [[nodiscard]] std::uint64_t answered() const noexcept { return answered_; }

 private:
  void ask_for_a_while();
  void check(const Message& answer);

  SocketAddress server_;
  Knows knows_;
  std::uint32_t newest_ = 0;
  std::atomic<std::uint64_t> answered_ = 0;
  Again again_;
};

/// Asks over TCP: some queries and the whole zone on each connection. A zone that came whole is of
/// one version.
class TcpClient {
 public:
  explicit TcpClient(const SocketAddress& server)
      : server_(server), again_([this] { connect_once(); }) {}

  [[nodiscard]] std::uint64_t transfers() const noexcept { return transfers_; }

 private:
  void connect_once();

  SocketAddress server_;
  std::atomic<std::uint64_t> transfers_ = 0;
  Again again_;
};

}  // namespace tandem::test
