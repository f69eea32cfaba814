// Takes one zone by AXFR from 127.0.0.1 as fast as it comes, counts what the headers say and prints
// one line of JSON. It ends when as many records have come as it was told, or after a minute.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sys/socket.h>
#include <sys/time.h>

#include <fmt/format.h>

#include "bench/load/framing.h"
#include "bench/load/loopback.h"
#include "bench/load/queries.h"
#include "common/base/unique_fd.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kReadOctets = std::size_t{1} << 20U;
constexpr std::size_t kCountAt = 6;  // of the answers

struct Taken {
  std::uint64_t records = 0;
  std::uint64_t messages = 0;
  std::uint64_t octets = 0;
};

/// Reads messages until there are `wanted` records. False when the connection ends before that.
bool take(int socket, std::uint64_t wanted, Taken& taken) {
  Octets in(2 * kReadOctets);
  std::size_t have = 0;
  while (taken.records < wanted) {
    const ssize_t got = ::recv(socket, in.data() + have, kReadOctets, 0);
    if (got <= 0) {
      return false;
    }
    have += static_cast<std::size_t>(got);
    taken.octets += static_cast<std::size_t>(got);
    const std::size_t at = each_message(OctetSpan(in).first(have), [&taken](OctetSpan message) {
      taken.records += load_be16(message.data() + kCountAt);
      ++taken.messages;
    });
    std::copy(in.begin() + static_cast<std::ptrdiff_t>(at),
              in.begin() + static_cast<std::ptrdiff_t>(have), in.begin());
    have -= at;
  }
  return true;
}

int run(const char* port, const char* origin, std::uint64_t wanted) {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval limit{.tv_sec = 60, .tv_usec = 0};
  static_cast<void>(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  const auto query = query_octets(origin, "AXFR");
  if (!query || !connect_to(socket.get(), loopback(port))) {
    fmt::print(stderr, "cannot ask for {} at port {}\n", origin, port);
    return 1;
  }
  Octets framed;
  append_framed(framed, *query);
  const Clock::time_point start = Clock::now();
  static_cast<void>(::send(socket.get(), framed.data(), framed.size(), MSG_NOSIGNAL));
  Taken taken;
  if (!take(socket.get(), wanted, taken)) {
    fmt::print(stderr, "the transfer ended after {} records\n", taken.records);
    return 1;
  }
  fmt::print("{{\"seconds\":{:.4f},\"records\":{},\"messages\":{},\"octets\":{}}}\n",
             std::chrono::duration<double>(Clock::now() - start).count(), taken.records,
             taken.messages, taken.octets);
  return 0;
}

}  // namespace
}  // namespace tandem::bench

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown ends the tool and says why
int main(int count, char** words) {
  if (count != 4) {
    std::fputs("usage: bench-axfr PORT ORIGIN RECORDS\n", stderr);
    return 2;
  }
  return tandem::bench::run(words[1], words[2], std::strtoull(words[3], nullptr, 10));
}
