// Sockets on 127.0.0.1 for the tools of this folder.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tandem::bench {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double microseconds(Clock::duration span) {
  return std::chrono::duration<double, std::micro>(span).count();
}

[[nodiscard]] inline sockaddr_in loopback(const char* port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

[[nodiscard]] inline bool bind_to(int socket, const sockaddr_in& address) {
  return socket >= 0 &&
         ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

[[nodiscard]] inline bool connect_to(int socket, const sockaddr_in& address) {
  return socket >= 0 &&
         ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

/// So that a burst waits instead of being lost: losses would be counted as latency of the server.
inline void widen_buffers(int socket) {
  const int octets = 4 << 20;
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets));
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets));
}

}  // namespace tandem::bench
