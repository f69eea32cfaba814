// Load over UDP. Closed loop: each socket keeps a window of queries on their way and sends a new
// one for each answer, in batches, so that this program costs less than any server. With --rate
// queries are sent at their times, answered or not, and an answer's latency counts from the time at
// which its query was due, so that a stall is felt by all who would have asked meanwhile. It stops
// after a number of answers, at SIGTERM or, whatever happens, after a number of seconds, and prints
// one line of JSON.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/load/loopback.h"
#include "bench/load/queries.h"
#include "common/base/unique_fd.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kQueryOctets = 512;
constexpr std::size_t kAnswerOctets = 4096;
constexpr std::size_t kIds = 65536;
// A closed loop with all windows lost would wait for ever. No server here takes this long for an
// answer.
constexpr std::chrono::milliseconds kLostAfter{500};
// With a rate: how long to sleep when nothing is due. What is due meanwhile goes out together, as
// from a network card that gathers interrupts.
constexpr long kSleepNanoseconds = 50'000;

volatile std::sig_atomic_t is_ended = 0;

struct Options {
  std::string port;
  std::string queries;
  std::uint64_t answers = 1'000'000;
  double seconds = 30;
  std::size_t sockets = 16;
  std::size_t window = 16;
  double rate = 0;  // queries a second; 0: as many as are answered
};

struct Counts {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t lost = 0;
  std::uint64_t octets = 0;
  std::array<std::uint64_t, 16> rcode{};
  std::vector<std::uint32_t> latency = std::vector<std::uint32_t>(1'000'000);  // by microseconds

  [[nodiscard]] std::size_t percentile(double share) const {
    const double wanted = static_cast<double>(answered) * share;
    std::uint64_t seen = 0;
    for (std::size_t at = 0; at < latency.size(); ++at) {
      seen += latency[at];
      if (static_cast<double>(seen) >= wanted) {
        return at;
      }
    }
    return latency.size();
  }
};

/// One socket and what it waits for.
struct Stream {
  UniqueFd socket;
  std::size_t open = 0;
  std::uint16_t next_id = 0;
  Clock::time_point heard = Clock::now();
  std::vector<Clock::time_point> sent_at = std::vector<Clock::time_point>(kIds);  // epoch: not open
};

class Load {
 public:
  Load(const Options& options, std::vector<Octets> queries)
      : options_(options), queries_(std::move(queries)), ready_(::epoll_create1(EPOLL_CLOEXEC)) {}

  [[nodiscard]] bool open() {
    const sockaddr_in server = loopback(options_.port.c_str());
    streams_.resize(options_.sockets);
    for (Stream& stream : streams_) {
      stream.socket = UniqueFd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      widen_buffers(stream.socket.get());
      epoll_event event{};
      event.events = EPOLLIN;
      if (!connect_to(stream.socket.get(), server) ||
          ::epoll_ctl(ready_.get(), EPOLL_CTL_ADD, stream.socket.get(), &event) != 0) {
        return false;
      }
    }
    return true;
  }

  void run() {
    start_ = Clock::now();
    const Clock::time_point end = start_ + std::chrono::duration_cast<Clock::duration>(
                                               std::chrono::duration<double>(options_.seconds));
    while (counts_.answered < options_.answers && Clock::now() < end && is_ended == 0) {
      bool has_sent = false;
      for (Stream& stream : streams_) {
        drain(stream);
        has_sent = refill(stream) || has_sent;
      }
      if (!has_sent) {
        wait();
      }
    }
    seconds_ = std::chrono::duration<double>(Clock::now() - start_).count();
    if (options_.rate > 0) {
      wait_for_the_last();
    }
  }

  void print() const {
    std::string rcodes;
    for (std::size_t i = 0; i < counts_.rcode.size(); ++i) {
      if (counts_.rcode[i] > 0) {
        rcodes += fmt::format("{}\"{}\":{}", rcodes.empty() ? "" : ",", i, counts_.rcode[i]);
      }
    }
    const auto answered = static_cast<double>(std::max<std::uint64_t>(1, counts_.answered));
    fmt::print(
        "{{\"sent\":{},\"answered\":{},\"lost\":{},\"seconds\":{:.3f},\"p50_us\":{},\"p99_us\":{},"
        "\"p999_us\":{},\"octets\":{:.1f},\"rcodes\":{{{}}}}}\n",
        counts_.sent, counts_.answered, counts_.lost, seconds_, counts_.percentile(0.5),
        counts_.percentile(0.99), counts_.percentile(0.999),
        static_cast<double>(counts_.octets) / answered, rcodes);
  }

 private:
  void drain(Stream& stream) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      in_vector_[i] = {answers_[i].data(), kAnswerOctets};
      in_[i].msg_hdr.msg_iov = &in_vector_[i];
      in_[i].msg_hdr.msg_iovlen = 1;
    }
    int received = 0;
    do {
      received = ::recvmmsg(stream.socket.get(), in_.data(), kBatch, MSG_DONTWAIT, nullptr);
      const Clock::time_point now = Clock::now();
      for (std::size_t i = 0; received > 0 && i < static_cast<std::size_t>(received); ++i) {
        take(stream, {answers_[i].data(), in_[i].msg_len}, now);
      }
    } while (received == static_cast<int>(kBatch));
  }

  void take(Stream& stream, OctetSpan answer, Clock::time_point now) {
    if (answer.size() < 12) {
      return;
    }
    Clock::time_point& sent = stream.sent_at[load_be16(answer.data())];
    if (sent == Clock::time_point{}) {
      return;  // given up before
    }
    const auto waited = static_cast<std::size_t>(microseconds(now - sent));
    ++counts_.latency[std::min(waited, counts_.latency.size() - 1)];
    sent = {};
    stream.heard = now;
    --stream.open;
    ++counts_.answered;
    ++counts_.rcode[answer[3] & 0xfU];
    counts_.octets += answer.size();
  }

  void wait() {
    std::array<epoll_event, kBatch> events{};
    const timespec patience{0, options_.rate > 0 ? kSleepNanoseconds : 1'000'000};
    static_cast<void>(::epoll_pwait2(ready_.get(), events.data(), kBatch, &patience, nullptr));
  }

  /// Takes the answers that are still on their way. What has none then is lost.
  void wait_for_the_last() {
    const Clock::time_point end = Clock::now() + kLostAfter;
    const auto is_open = [](const Stream& stream) { return stream.open > 0; };
    while (Clock::now() < end && std::ranges::any_of(streams_, is_open)) {
      std::ranges::for_each(streams_, [this](Stream& stream) { drain(stream); });
      wait();
    }
    for (const Stream& stream : streams_) {
      counts_.lost += stream.open;
    }
  }

  /// How many queries should be on their way by now and are not yet.
  [[nodiscard]] std::size_t overdue(Clock::time_point now) const {
    if (options_.rate <= 0) {
      return kBatch;
    }
    const double due = std::chrono::duration<double>(now - start_).count() * options_.rate;
    const auto planned = static_cast<std::uint64_t>(due);
    return planned > counts_.sent ? planned - counts_.sent : 0;
  }

  /// When the query after `ahead` more is sent, or should have been.
  [[nodiscard]] Clock::time_point time_of(std::size_t ahead, Clock::time_point now) const {
    if (options_.rate <= 0) {
      return now;
    }
    const double number = static_cast<double>(counts_.sent + ahead);
    return start_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(number / options_.rate));
  }

  /// False when the window is full, or nothing is due.
  bool refill(Stream& stream) {
    const Clock::time_point now = Clock::now();
    const std::size_t room = std::min({options_.window - stream.open, kBatch, overdue(now)});
    if (room == 0) {
      give_up(stream, now);
      return false;
    }
    for (std::size_t i = 0; i < room; ++i) {
      const Octets& query = queries_[at_];
      at_ = at_ + 1 == queries_.size() ? 0 : at_ + 1;
      std::copy(query.begin(), query.end(), questions_[i].begin());
      const auto id = static_cast<std::uint16_t>(stream.next_id + i);
      store_be16(questions_[i].data(), id);
      out_vector_[i] = {questions_[i].data(), query.size()};
      out_[i].msg_hdr.msg_iov = &out_vector_[i];
      out_[i].msg_hdr.msg_iovlen = 1;
      stream.sent_at[id] = time_of(i, now);
    }
    const int done = ::sendmmsg(stream.socket.get(), out_.data(), static_cast<unsigned>(room), 0);
    const std::size_t sent = done > 0 ? static_cast<std::size_t>(done) : 0;
    for (std::size_t i = sent; i < room; ++i) {
      stream.sent_at[static_cast<std::uint16_t>(stream.next_id + i)] = {};
    }
    stream.next_id = static_cast<std::uint16_t>(stream.next_id + sent);
    stream.open += sent;
    counts_.sent += sent;
    return sent > 0;
  }

  void give_up(Stream& stream, Clock::time_point now) {
    if (now - stream.heard < kLostAfter) {
      return;
    }
    counts_.lost += stream.open;
    stream.open = 0;
    stream.heard = now;
    std::fill(stream.sent_at.begin(), stream.sent_at.end(), Clock::time_point{});
  }

  Options options_;
  std::vector<Octets> queries_;
  std::size_t at_ = 0;
  UniqueFd ready_;
  std::vector<Stream> streams_;
  Counts counts_;
  Clock::time_point start_;
  double seconds_ = 0;
  std::array<std::array<std::uint8_t, kQueryOctets>, kBatch> questions_{};
  std::array<std::array<std::uint8_t, kAnswerOctets>, kBatch> answers_{};
  std::array<mmsghdr, kBatch> in_{};
  std::array<mmsghdr, kBatch> out_{};
  std::array<iovec, kBatch> in_vector_{};
  std::array<iovec, kBatch> out_vector_{};
};

int run(const Options& options) {
  auto queries = read_queries(options.queries);
  if (!queries) {
    fmt::print(stderr, "{}\n", queries.error().detail);
    return 1;
  }
  const auto load = std::make_unique<Load>(options, *std::move(queries));
  if (!load->open()) {
    std::perror("cannot reach the server");
    return 1;
  }
  // The kernel would round 50 us of sleep up to 100 otherwise.
  static_cast<void>(::prctl(PR_SET_TIMERSLACK, 1));
  static_cast<void>(std::signal(SIGTERM, [](int /*signal*/) { is_ended = 1; }));
  load->run();
  load->print();
  return 0;
}

}  // namespace
}  // namespace tandem::bench

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown ends the tool and says why
int main(int count, char** words) {
  tandem::bench::Options options;
  CLI::App app("Load of DNS queries over UDP on 127.0.0.1");
  app.add_option("port", options.port)->required();
  app.add_option("queries", options.queries, "file of lines `name type [do]`")->required();
  app.add_option("--answers", options.answers, "stop after so many answers")->capture_default_str();
  app.add_option("--seconds", options.seconds, "stop after so long")->capture_default_str();
  app.add_option("--sockets", options.sockets)->capture_default_str();
  app.add_option("--window", options.window, "queries on their way per socket")
      ->capture_default_str();
  app.add_option("--rate", options.rate, "queries a second; 0: as many as are answered")
      ->capture_default_str();
  CLI11_PARSE(app, count, words);
  return tandem::bench::run(options);
}
