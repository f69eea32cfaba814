// Asks one question over UDP again and again and notes when the answer became another one: when the
// first new answer was here, as nanoseconds of CLOCK_MONOTONIC, and how long its query and it took.
// So the change was visible before the former, and not yet when the query of the answer before it
// was answered. Prints one line of JSON.
#include <array>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/load/loopback.h"
#include "bench/load/queries.h"
#include "common/base/unique_fd.h"

namespace tandem::bench {
namespace {

constexpr int kPatienceMs = 500;

struct Options {
  std::string port;
  std::string name;
  double seconds = 30;
};

struct Seen {
  std::vector<std::int64_t> at_ns;
  std::vector<std::int64_t> round_trip_ns;
};

using Answer = std::array<std::uint8_t, 512>;

/// Nothing when none came in time.
std::optional<Answer> ask(int socket, const Octets& query) {
  Answer answer{};
  static_cast<void>(::send(socket, query.data(), query.size(), 0));
  pollfd ready{socket, POLLIN, 0};
  if (::poll(&ready, 1, kPatienceMs) != 1 || ::recv(socket, answer.data(), answer.size(), 0) <= 0) {
    return std::nullopt;
  }
  return answer;
}

Seen watch(int socket, const Octets& query, double seconds) {
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  const auto ns = [](Clock::duration span) { return std::chrono::nanoseconds(span).count(); };
  Seen seen;
  std::optional<Answer> before = ask(socket, query);
  Clock::time_point sent = Clock::now();
  while (sent < end) {
    const std::optional<Answer> answer = ask(socket, query);
    const Clock::time_point received = Clock::now();
    if (answer && answer != before) {
      seen.at_ns.push_back(ns(received.time_since_epoch()));
      seen.round_trip_ns.push_back(ns(received - sent));
      before = answer;
    }
    sent = Clock::now();
  }
  return seen;
}

int run(const Options& options) {
  const auto query = query_octets(options.name, "A");
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!query || !connect_to(socket.get(), loopback(options.port.c_str()))) {
    fmt::print(stderr, "no such name, or no such server\n");
    return 1;
  }
  const Seen seen = watch(socket.get(), *query, options.seconds);
  fmt::print("{{\"at_ns\":[{}],\"round_trip_ns\":[{}]}}\n", fmt::join(seen.at_ns, ","),
             fmt::join(seen.round_trip_ns, ","));
  return 0;
}

}  // namespace
}  // namespace tandem::bench

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown ends the tool and says why
int main(int count, char** words) {
  tandem::bench::Options options;
  CLI::App app("Notes when the answer to a question changes, on 127.0.0.1");
  app.add_option("port", options.port)->required();
  app.add_option("name", options.name, "its A record is asked for")->required();
  app.add_option("--seconds", options.seconds)->capture_default_str();
  CLI11_PARSE(app, count, words);
  return tandem::bench::run(options);
}
