// Closed-loop load over TCP: each connection keeps a window of queries on their way and sends new
// ones, in one write, for the answers of one read. With --fresh each query has a connection of its
// own. It stops after a number of answers or, whatever happens, after a number of seconds, and
// prints one line of JSON.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/load/framing.h"
#include "bench/load/loopback.h"
#include "bench/load/queries.h"
#include "common/base/unique_fd.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kReadOctets = std::size_t{256} << 10U;
constexpr std::size_t kEvents = 64;

struct Options {
  std::string port;
  std::string queries;
  std::uint64_t answers = 500'000;
  double seconds = 30;
  std::size_t connections = 16;
  std::size_t window = 32;
  bool fresh = false;
};

struct Connection {
  UniqueFd socket;
  Octets out;  // what the kernel has not taken yet
  Octets in;   // the beginning of an answer
};

class Load {
 public:
  Load(const Options& options, std::vector<Octets> queries)
      : options_(options),
        queries_(std::move(queries)),
        server_(loopback(options.port.c_str())),
        ready_(::epoll_create1(EPOLL_CLOEXEC)),
        connections_(options.connections) {}

  /// False when the server cannot be reached.
  [[nodiscard]] bool open() {
    return std::ranges::all_of(connections_, [this](Connection& c) { return begin(c); });
  }

  /// False when the server ended a connection before it had answered.
  [[nodiscard]] bool run() {
    const Clock::time_point start = Clock::now();
    const Clock::time_point end = start + std::chrono::duration_cast<Clock::duration>(
                                              std::chrono::duration<double>(options_.seconds));
    bool good = true;
    while (good && answered_ < options_.answers && Clock::now() < end) {
      std::array<epoll_event, kEvents> events{};
      const int count = ::epoll_wait(ready_.get(), events.data(), kEvents, 100);
      for (std::size_t i = 0; good && count > 0 && i < static_cast<std::size_t>(count); ++i) {
        good = take(*static_cast<Connection*>(events[i].data.ptr));
      }
    }
    seconds_ = std::chrono::duration<double>(Clock::now() - start).count();
    return good;
  }

  void print() const {
    fmt::print(
        "{{\"answered\":{},\"seconds\":{:.3f},\"octets\":{:.1f}}}\n", answered_, seconds_,
        static_cast<double>(octets_) / static_cast<double>(std::max<std::uint64_t>(1, answered_)));
  }

 private:
  bool begin(Connection& c) {
    c.socket = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    c.in.clear();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &c;
    if (options_.fresh) {
      // Closed by a reset: a port that waits for late segments would soon be all ports.
      const linger now{.l_onoff = 1, .l_linger = 0};
      static_cast<void>(::setsockopt(c.socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now));
    }
    return connect_to(c.socket.get(), server_) &&
           ::epoll_ctl(ready_.get(), EPOLL_CTL_ADD, c.socket.get(), &event) == 0 &&
           ask(c, options_.fresh ? 1 : options_.window);
  }

  bool ask(Connection& c, std::size_t count) {
    c.out.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const Octets& query = queries_[at_];
      at_ = at_ + 1 == queries_.size() ? 0 : at_ + 1;
      append_framed(c.out, query);
    }
    // Blocking: the window is smaller than the socket's buffers.
    return ::send(c.socket.get(), c.out.data(), c.out.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(c.out.size());
  }

  bool take(Connection& c) {
    const ssize_t got = ::recv(c.socket.get(), room_.data(), room_.size(), MSG_DONTWAIT);
    if (got <= 0) {
      return got < 0 && errno == EAGAIN;
    }
    append(c.in, OctetSpan(room_).first(static_cast<std::size_t>(got)));
    std::size_t whole = 0;
    const std::size_t taken = each_message(c.in, [&](OctetSpan answer) {
      ++whole;
      octets_ += answer.size();
    });
    c.in.erase(c.in.begin(), c.in.begin() + static_cast<std::ptrdiff_t>(taken));
    answered_ += whole;
    if (whole == 0) {
      return true;
    }
    return options_.fresh ? begin(c) : ask(c, whole);
  }

  Options options_;
  std::vector<Octets> queries_;
  std::size_t at_ = 0;
  sockaddr_in server_;
  UniqueFd ready_;
  std::vector<Connection> connections_;
  Octets room_ = Octets(kReadOctets);
  std::uint64_t answered_ = 0;
  std::uint64_t octets_ = 0;
  double seconds_ = 0;
};

int run(const Options& options) {
  auto queries = read_queries(options.queries);
  if (!queries) {
    fmt::print(stderr, "{}\n", queries.error().detail);
    return 1;
  }
  Load load(options, *std::move(queries));
  if (!load.open()) {
    std::perror("cannot reach the server");
    return 1;
  }
  if (!load.run()) {
    fmt::print(stderr, "the server ended a connection that waited for answers\n");
    return 1;
  }
  load.print();
  return 0;
}

}  // namespace
}  // namespace tandem::bench

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown ends the tool and says why
int main(int count, char** words) {
  tandem::bench::Options options;
  CLI::App app("Closed-loop load of DNS queries over TCP on 127.0.0.1");
  app.add_option("port", options.port)->required();
  app.add_option("queries", options.queries, "file of lines `name type [do]`")->required();
  app.add_option("--answers", options.answers, "stop after so many answers")->capture_default_str();
  app.add_option("--seconds", options.seconds, "stop after so long")->capture_default_str();
  app.add_option("--connections", options.connections)->capture_default_str();
  app.add_option("--window", options.window, "queries on their way per connection")
      ->capture_default_str();
  app.add_flag("--fresh", options.fresh, "a new connection for each query");
  CLI11_PARSE(app, count, words);
  return tandem::bench::run(options);
}
