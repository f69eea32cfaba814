// How long a change takes to be acknowledged, and from then until another server answers with it.
// Each round sets the address of one name to a new value, waits for the acknowledgement, and asks
// the other server until it answers that value. The change goes over the HTTP API on a unix socket
// (one persistent connection), or as an RFC 2136 update over UDP, so that other servers can be
// measured the same way. Prints one line of JSON.
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/load/loopback.h"
#include "bench/load/queries.h"
#include "common/base/unique_fd.h"
#include "common/dns/message.h"

namespace tandem::bench {
namespace {

// How often the other server is asked. Short against what is measured, and long enough that asking
// does not take the processor from those who are measured; the true time is shorter by half of it
// on average.
constexpr std::chrono::microseconds kAskEvery{50};
constexpr int kPatienceMs = 10'000;
constexpr std::string_view kLabel = "change-latency";

struct Options {
  std::string zone;
  std::string socket;  // of the HTTP API; empty: RFC 2136
  std::string update_port;
  std::string ask_port;
  std::size_t rounds = 300;
  double pause_ms = 5;
  double seconds = 60;
};

void pause_for(std::chrono::nanoseconds span) {
  const auto count = span.count();
  const timespec time{count / 1'000'000'000, count % 1'000'000'000};
  ::nanosleep(&time, nullptr);
}

/// The address of round `round`: never the one before.
std::array<std::uint8_t, 4> address_of(std::size_t round) {
  return {10, static_cast<std::uint8_t>(round >> 16U), static_cast<std::uint8_t>(round >> 8U),
          static_cast<std::uint8_t>(round)};
}

bool has_input(int socket, int wait_ms) {
  pollfd ready{socket, POLLIN, 0};
  return ::poll(&ready, 1, wait_ms) == 1;
}

/// Sets the name's address to that of a round and waits for the acknowledgement. Fails: what the
/// server says otherwise.
using Change = std::function<Status(std::size_t round)>;

class HttpChanger {
 public:
  explicit HttpChanger(const Options& options)
      : path_(fmt::format("/api/tandem/v1/zones/{}/records", options.zone)),
        socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::size_t octets = std::min(options.socket.size(), sizeof address.sun_path - 1);
    std::copy_n(options.socket.begin(), octets, std::begin(address.sun_path));
    is_open_ =
        ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  Status change(std::size_t round) {
    if (!is_open_) {
      return fail(Errc::kIo, "cannot connect to the API's socket");
    }
    const auto address = address_of(round);
    const std::string body = fmt::format(
        R"({{"changes":[{{"op":"set","name":"{}","type":"A","ttl":60,"data":["{}.{}.{}.{}"]}}]}})",
        kLabel, address[0], address[1], address[2], address[3]);
    const std::string request = fmt::format(
        "POST {} HTTP/1.1\r\nHost: tandem\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        path_, body.size(), body);
    if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
      return fail(Errc::kIo, "cannot send to the API");
    }
    return read_response();
  }

 private:
  Status read_response() {
    std::string response;
    std::size_t whole = std::string::npos;
    while (response.size() < whole) {
      std::array<char, 4096> part{};
      const ssize_t got = has_input(socket_.get(), kPatienceMs)
                              ? ::recv(socket_.get(), part.data(), part.size(), 0)
                              : -1;
      if (got <= 0) {
        return fail(Errc::kTimeout, "no response from the API; so far: {}", response);
      }
      response.append(part.data(), static_cast<std::size_t>(got));
      whole = response_octets(response);
    }
    if (!response.starts_with("HTTP/1.1 200")) {
      return fail(Errc::kRefused, "the API says {}", response);
    }
    return {};
  }

  /// Octets of head and body; npos until the head is complete.
  static std::size_t response_octets(const std::string& response) {
    const std::size_t head = response.find("\r\n\r\n");
    const std::size_t field = response.find("Content-Length: ");
    if (head == std::string::npos || field > head) {
      return std::string::npos;
    }
    return head + 4 + std::strtoul(response.c_str() + field + 16, nullptr, 10);
  }

  std::string path_;
  UniqueFd socket_;
  bool is_open_ = false;
};

/// RFC 2136 s2: delete the RRset, add the new record.
class UpdateChanger {
 public:
  UpdateChanger(const Options& options, const Name& zone, const Name& owner)
      : zone_(zone), owner_(owner), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    is_open_ = connect_to(socket_.get(), loopback(options.update_port.c_str()));
  }

  Status change(std::size_t round) {
    if (!is_open_) {
      return fail(Errc::kIo, "cannot reach the server");
    }
    const auto address = address_of(round);
    Message update;
    update.id = static_cast<std::uint16_t>(round);
    update.flags = 5U << 11U;  // opcode UPDATE
    update.questions.push_back({zone_, RrType::kSoa, RrClass::kIn});
    update.authorities.push_back({owner_, RrType::kA, RrClass::kAny, 0, {}});
    update.authorities.push_back(
        {owner_, RrType::kA, RrClass::kIn, 60, {address.begin(), address.end()}});
    const Octets octets = TRY(write_message(update));
    static_cast<void>(::send(socket_.get(), octets.data(), octets.size(), 0));
    std::array<std::uint8_t, 512> answer{};
    if (!has_input(socket_.get(), kPatienceMs) ||
        ::recv(socket_.get(), answer.data(), answer.size(), 0) < 12) {
      return fail(Errc::kTimeout, "no answer to the update");
    }
    if (const unsigned rcode = answer[3] & 0xfU; rcode != 0) {
      return fail(Errc::kRefused, "rcode {} to the update", rcode);
    }
    return {};
  }

 private:
  Name zone_;
  Name owner_;
  UniqueFd socket_;
  bool is_open_ = false;
};

/// Asks the other server for the name's address.
class Asker {
 public:
  Asker(const std::string& port, Octets query)
      : query_(std::move(query)), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    static_cast<void>(connect_to(socket_.get(), loopback(port.c_str())));
  }

  /// True once the answer ends with the address; an A record without EDNS is the end of the
  /// message.
  [[nodiscard]] bool answers(const std::array<std::uint8_t, 4>& address) {
    static_cast<void>(::send(socket_.get(), query_.data(), query_.size(), 0));
    std::array<std::uint8_t, 1500> answer{};
    if (!has_input(socket_.get(), kPatienceMs)) {
      return false;
    }
    const ssize_t got = ::recv(socket_.get(), answer.data(), answer.size(), 0);
    const auto octets = static_cast<std::size_t>(std::max<ssize_t>(0, got));
    if (octets < query_.size() + 16 || load_be16(answer.data() + 6) != 1) {
      return false;
    }
    const std::size_t record = query_.size() + 12;  // C00C type class TTL length
    return std::equal(address.begin(), address.end(), answer.begin() + record);
  }

 private:
  Octets query_;
  UniqueFd socket_;
};

struct Spans {
  std::vector<double> acknowledged;  // request to acknowledgement
  std::vector<double> answered;      // acknowledgement to answer
  std::vector<double> whole;         // request to answer
};

Result<Spans> measure(const Options& options, const Change& change, Asker& asker) {
  Spans spans;
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                   std::chrono::duration<double>(options.seconds));
  for (std::size_t round = 1; round <= options.rounds && Clock::now() < end; ++round) {
    const Clock::time_point start = Clock::now();
    TRYV(change(round));
    const Clock::time_point acknowledged = Clock::now();
    while (!asker.answers(address_of(round))) {
      if (Clock::now() - acknowledged > std::chrono::milliseconds(kPatienceMs)) {
        return fail(Errc::kTimeout, "the change of round {} was never answered", round);
      }
      pause_for(kAskEvery);
    }
    spans.acknowledged.push_back(microseconds(acknowledged - start));
    const Clock::time_point answered = Clock::now();
    spans.answered.push_back(microseconds(answered - acknowledged));
    spans.whole.push_back(microseconds(answered - start));
    pause_for(std::chrono::nanoseconds(static_cast<std::int64_t>(options.pause_ms * 1e6)));
  }
  return spans;
}

std::string percentiles(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  const auto at = [&values](std::size_t percent) { return values[values.size() * percent / 100]; };
  return fmt::format(R"({{"p50_us":{:.1f},"p99_us":{:.1f}}})", at(50), at(99));
}

Status run(const Options& options) {
  ::prctl(PR_SET_TIMERSLACK, 1);  // the default rounds each pause up by 50 us
  const Name zone = TRY(Name::from_text(options.zone));
  const Name owner = TRY(Name::from_text(kLabel, zone));
  Change change;
  if (options.socket.empty()) {
    change = [changer = std::make_shared<UpdateChanger>(options, zone, owner)](std::size_t round) {
      return changer->change(round);
    };
  } else {
    change = [changer = std::make_shared<HttpChanger>(options)](std::size_t round) {
      return changer->change(round);
    };
  }
  Asker asker(options.ask_port, TRY(query_octets(owner.to_text(), "A")));
  Spans spans = TRY(measure(options, change, asker));
  fmt::print(R"({{"rounds":{},"ack":{},"answered":{},"whole":{}}})"
             "\n",
             spans.answered.size(), percentiles(spans.acknowledged), percentiles(spans.answered),
             percentiles(spans.whole));
  return {};
}

}  // namespace
}  // namespace tandem::bench

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown ends the tool and says why
int main(int count, char** words) {
  tandem::bench::Options options;
  CLI::App app("Times changes from acknowledgement to another server's answer");
  app.add_option("zone", options.zone)->required();
  app.add_option("--ask-port", options.ask_port, "UDP port of the server to ask")->required();
  auto* const socket = app.add_option("--api-socket", options.socket, "change over the HTTP API");
  app.add_option("--update-port", options.update_port, "change by RFC 2136")->excludes(socket);
  app.add_option("--rounds", options.rounds)
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--pause-ms", options.pause_ms, "between rounds")->capture_default_str();
  app.add_option("--seconds", options.seconds, "stop after so long")->capture_default_str();
  CLI11_PARSE(app, count, words);
  if (const auto done = tandem::bench::run(options); !done) {
    fmt::print(stderr, "{}\n", done.error().detail);
    return 1;
  }
  return 0;
}
