#include "common/net/tcp_server.h"

#include <algorithm>
#include <cstring>
#include <list>
#include <optional>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/logging.h"
#include "common/net/tcp_connections.h"
#include "common/net/tcp_io.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;
constexpr auto kUse = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kLengthOctets = 2;  // RFC 1035 s4.2.2
constexpr std::size_t kFirstRoom = TcpConnection::kFirstRoom;
constexpr std::size_t kGroup = QueryEngine::kQueriesAtOnce;
constexpr std::size_t kAnswersPerWrite = std::size_t{64}
                                         << 10U;  // then they go out before more is answered
constexpr std::chrono::milliseconds kSweepEvery{250};
constexpr std::chrono::seconds kRenewTlsEvery{60};

}  // namespace

class TcpServer::Impl {
 public:
  Impl(std::vector<UniqueFd> listeners, const TcpLimits& limits, const QueryEngine& engine,
       SnapshotCell<Catalog>& catalog, RequestQueue& requests)
      : limits_(limits),
        engine_(engine),
        catalog_(catalog),
        requests_(requests),
        connections_(limits_, tcp_stats_),
        sweep_(context_) {
    add(std::move(listeners), Over::kTcp);
  }

  void listen_tls(std::vector<UniqueFd> listeners, std::unique_ptr<TlsServer> tls) {
    tls_ = std::move(tls);
    add(std::move(listeners), Over::kTls);
  }

  void start() {
    for (Acceptor& acceptor : acceptors_) {
      asio::co_spawn(context_, accept(acceptor), asio::detached);
    }
    asio::co_spawn(context_, sweep(), asio::detached);
    thread_ = std::thread([this] {
      reader_.emplace(catalog_.reader());
      context_.run();
      reader_.reset();
    });
  }

  void stop() {
    if (thread_.joinable()) {
      asio::post(context_, [this] { close_all(); });
      thread_.join();
    }
  }

  [[nodiscard]] const WorkerStats& stats() const noexcept { return worker_.stats; }

  [[nodiscard]] const TcpStats& tcp_stats() const noexcept { return tcp_stats_; }

 private:
  using Connection = TcpConnection;
  using Place = TcpConnections::Place;

  enum class Over : std::uint8_t { kTcp, kTls };

  struct Acceptor {
    tcp::acceptor socket;
    Over over;
  };

  void add(std::vector<UniqueFd> listeners, Over over) {
    for (UniqueFd& fd : listeners) {
      sockaddr_storage storage{};
      socklen_t octets = sizeof storage;
      static_cast<void>(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&storage), &octets));
      const tcp protocol = storage.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
      acceptors_.push_back({tcp::acceptor(context_, protocol, fd.release()), over});
    }
  }

  asio::awaitable<void> accept(Acceptor& acceptor) {
    asio::steady_timer pause(context_);
    tcp::endpoint peer;
    while (!stopping_) {
      auto [error, socket] = co_await acceptor.socket.async_accept(peer, kUse);
      if (stopping_) {
        break;
      }
      if (error) {
        connections_.make_room();  // out of descriptors, most likely
        pause.expires_after(std::chrono::milliseconds(20));
        co_await pause.async_wait(kUse);
        continue;
      }
      take(std::move(socket), peer, acceptor.over);
    }
  }

  void take(tcp::socket socket, const tcp::endpoint& peer, Over over) {
    const Place place = connections_.take(std::move(socket), peer);
    if (place != connections_.end()) {
      if (over == Over::kTls) {
        boost::system::error_code ignored;
        static_cast<void>(place->socket.native_non_blocking(true, ignored));
        place->tls.emplace(tls_->accept(place->socket.native_handle()));
      }
      asio::co_spawn(context_, serve(place), asio::detached);
    }
  }

  asio::awaitable<void> serve(Place place) {
    Connection& c = *place;
    bool goes_on = !c.tls || co_await begin_tls(c);
    while (goes_on && !stopping_) {
      wait_for_query(c);
      goes_on = co_await read_some(c);
      if (goes_on) {
        goes_on = co_await answer_all(place);
      }
    }
    connections_.close(place);
    connections_.forget(place);
  }

  /// A handshake has the time of a message: who does not go on with it is no better than who does
  /// not go on with a query.
  asio::awaitable<bool> begin_tls(Connection& c) {
    c.is_idle = false;
    c.deadline = SteadyClock::now() + limits_.message;
    const bool is_done = co_await shake_hands(c);
    (is_done ? tcp_stats_.tls : tcp_stats_.tls_failed).add();
    c.is_idle = true;
    co_return is_done;
  }

  /// A query that has begun keeps the deadline of its first octet, so that a trickle does not
  /// extend it.
  void wait_for_query(Connection& c) const {
    if (c.have == 0) {
      c.is_idle = true;
      c.deadline = SteadyClock::now() + limits_.idle;
    } else if (c.is_idle) {
      c.is_idle = false;
      c.deadline = SteadyClock::now() + limits_.message;
    }
  }

  /// Answers the whole queries in `in`. False: the connection has to end, which is after the
  /// answers to what came before the reason for it.
  asio::awaitable<bool> answer_all(Place place) {
    Connection& c = *place;
    std::size_t at = 0;
    Step step;
    do {
      step = {};  // ends a stream before another is asked for
      step = answer_group(c, at);
      at += step.octets;
      connections_.touch(place);
      const bool is_full = c.out.size() >= kAnswersPerWrite || step.is_handed_over;
      if (is_full && !c.out.empty() && !co_await write(c)) {
        co_return false;
      }
      if (step.is_handed_over && !co_await hand_over(place, step)) {
        co_return false;
      }
      if (step.stream != nullptr && !co_await send_stream(place, *step.stream)) {
        co_return false;
      }
    } while (step.octets > 0 && step.is_dns);
    if (!c.out.empty() && !co_await write(c)) {
      co_return false;
    }
    keep_rest(c, at);
    co_return step.is_dns;
  }

  /// What one group of queries came to.
  struct Step {
    std::size_t octets = 0;                // of `in`, dealt with; 0: there is no whole query
    bool is_dns = true;                    // false: an answer sent to us, or no DNS at all
    bool is_handed_over = false;           // to be answered by others before anything else is
    OctetSpan query;                       // that is handed over; in `in`
    std::unique_ptr<AnswerStream> stream;  // to be sent before anything else is answered
  };

  /// Answers the whole queries that begin at `at`, a group at most, into `out`.
  Step answer_group(Connection& c, std::size_t at) {
    std::size_t count = 0;
    for (std::size_t next = at; count < kGroup && c.have - next >= kLengthOctets; ++count) {
      const std::size_t length = load_be16(c.in.data() + next);
      if (c.have - next - kLengthOctets < length) {
        break;
      }
      group_[count] = {
          .message = OctetSpan(c.in).subspan(next + kLengthOctets, length),
          .room = std::span(rooms_).subspan(count * kMaxMessageOctets, kMaxMessageOctets)};
      next += kLengthOctets + length;
    }
    auto& reader = *reader_;  // NOLINT(bugprone-unchecked-optional-access): the thread has made it
    const std::span asked = std::span(group_).first(count);
    const std::span group =
        asked.first(engine_.answer(reader.pin(), asked, Transport::kTcp, worker_));
    Step step;
    for (auto next = group.begin(); next != group.end() && step.is_dns; ++next) {
      step.octets += kLengthOctets + next->message.size();
      if (next->is_handed_over) {
        step.is_handed_over = true;
        step.query = next->message;
      } else if (next->answer_octets == 0) {
        step.is_dns = false;
      } else {
        append_message(c, next->room.first(next->answer_octets));
      }
    }
    reader.unpin();
    return step;
  }

  /// Waits for the answer that others give, as long as a client has to read one. False: the
  /// connection has to end.
  asio::awaitable<bool> hand_over(Place place, Step& step) {
    Connection& c = *place;
    c.is_idle = false;
    c.deadline = SteadyClock::now() + limits_.write;

    // What needs TLS is not for versions before 1.3 (RFC 9103 s7.2).
    const bool is_tls = c.tls && c.tls->is_tls13();
    const auto waiting = std::make_shared<TcpWaiting>(context_);
    c.waiting = waiting;
    requests_.give({.message = to_octets(step.query),
                    .from = c.peer,
                    .transport = Transport::kTcp,
                    .is_tls = is_tls,
                    .client_pin = is_tls ? c.tls->peer_pin() : std::nullopt,
                    .answer = [this, waiting](RequestAnswer answer) {
                      asio::post(context_, [waiting, answer = std::move(answer)]() mutable {
                        waiting->answer = std::move(answer);
                        static_cast<void>(waiting->alarm.cancel());
                      });
                    }});
    static_cast<void>(co_await waiting->alarm.async_wait(kUse));
    c.waiting = nullptr;
    if (!c.socket.is_open()) {
      co_return false;
    }
    if (!waiting->answer.message.empty()) {
      append_message(c, waiting->answer.message);
    }
    step.stream = std::move(waiting->answer.stream);
    co_return true;
  }

  static void append_message(Connection& c, OctetSpan message) {
    append_be(c.out, static_cast<std::uint16_t>(message.size()));
    append(c.out, message);
  }

  /// Sends all of it in writes of bounded size. False: the connection has to end.
  asio::awaitable<bool> send_stream(Place place, AnswerStream& stream) {
    Connection& c = *place;
    const std::span room = std::span(rooms_).first(kMaxMessageOctets);
    for (bool is_done = false; !is_done;) {
      while (!is_done && c.out.size() < kAnswersPerWrite) {
        const std::size_t octets = stream.next(room);
        is_done = octets == 0;
        if (!is_done) {
          append_message(c, room.first(octets));
        }
      }
      connections_.touch(place);
      if (!c.out.empty() && !co_await write(c)) {
        co_return false;
      }
    }
    co_return stream.on_sent();
  }

  asio::awaitable<bool> write(Connection& c) {
    if (!c.socket.is_open()) {
      co_return false;
    }
    c.is_idle = false;
    c.deadline = SteadyClock::now() + limits_.write;
    connections_.begin_write(c);
    const bool is_written = co_await write_all(c);
    connections_.end_write(c);
    c.out.clear();
    if (c.out.capacity() > kAnswersPerWrite / 4) {
      c.out.shrink_to_fit();  // a thousand idle connections must not keep a thousand large buffers
    }
    c.is_idle = true;
    co_return is_written;
  }

  /// Moves what is left of an unfinished query to the front and makes room for all of it; gives
  /// back what a long one took.
  static void keep_rest(Connection& c, std::size_t from) {
    c.have -= from;
    std::memmove(c.in.data(), c.in.data() + from, c.have);
    if (c.have == 0 && c.in.size() > kFirstRoom) {
      c.in = Octets(kFirstRoom);
    } else if (c.have >= kLengthOctets) {
      c.in.resize(std::max(c.in.size(), kLengthOctets + load_be16(c.in.data())));
    }
  }

  asio::awaitable<void> sweep() {
    while (!stopping_) {
      sweep_.expires_after(kSweepEvery);
      co_await sweep_.async_wait(kUse);
      connections_.close_late(SteadyClock::now());
      renew_tls(SteadyClock::now());
    }
  }

  void renew_tls(SteadyClock::time_point now) {
    if (tls_ == nullptr || now < renew_tls_at_) {
      return;
    }
    renew_tls_at_ = now + kRenewTlsEvery;
    if (const Status renewed = tls_->renew(now); !renewed) {
      log_error("new TLS certificate not taken reason=\"{}\" advice=\"the old one stays in use\"",
                renewed.error().detail);
    }
  }

  void close_all() {
    stopping_ = true;
    boost::system::error_code ignored;
    for (Acceptor& acceptor : acceptors_) {
      static_cast<void>(acceptor.socket.close(ignored));
    }
    connections_.close_all();
    sweep_.cancel();
  }

  TcpLimits limits_;
  const QueryEngine& engine_;
  SnapshotCell<Catalog>& catalog_;
  RequestQueue& requests_;
  TcpStats tcp_stats_;
  asio::io_context context_{1};
  TcpConnections connections_;
  asio::steady_timer sweep_;
  std::list<Acceptor> acceptors_;
  std::unique_ptr<TlsServer> tls_;  // null: nothing listens for it
  SteadyClock::time_point renew_tls_at_;
  bool stopping_ = false;
  std::optional<SnapshotCell<Catalog>::Reader> reader_;
  QueryEngine::Worker worker_;
  Octets rooms_ = Octets(kGroup * kMaxMessageOctets);
  std::array<QueryEngine::Exchange, kGroup> group_;
  std::thread thread_;
};

TcpServer::TcpServer(std::vector<UniqueFd> listeners, const TcpLimits& limits,
                     const QueryEngine& engine, SnapshotCell<Catalog>& catalog,
                     RequestQueue& requests)
    : impl_(std::make_unique<Impl>(std::move(listeners), limits, engine, catalog, requests)) {}

// NOLINTNEXTLINE(bugprone-exception-escape): no memory for the last message is the end anyway
TcpServer::~TcpServer() {
  stop();
}

void TcpServer::listen_tls(std::vector<UniqueFd> listeners, std::unique_ptr<TlsServer> tls) {
  impl_->listen_tls(std::move(listeners), std::move(tls));
}

void TcpServer::start() {
  impl_->start();
}

void TcpServer::stop() {
  impl_->stop();
}

const WorkerStats& TcpServer::stats() const noexcept {
  return impl_->stats();
}

const TcpStats& TcpServer::tcp_stats() const noexcept {
  return impl_->tcp_stats();
}

}  // namespace tandem
