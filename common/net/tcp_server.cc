#include "common/net/tcp_server.h"

#include <algorithm>
#include <array>
#include <list>
#include <map>
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
#include <boost/asio/write.hpp>

#include "common/base/logging.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using SteadyClock = std::chrono::steady_clock;
constexpr auto kUse = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kLengthOctets = 2;  // RFC 1035 s4.2.2
constexpr std::size_t kFirstRoom = 4096;
constexpr std::size_t kMaxMessageOctets = 65535;
constexpr std::size_t kAnswersPerWrite = 256 * 1024;  // then they go out before more is answered
constexpr std::chrono::milliseconds kSweepEvery{250};
constexpr std::chrono::milliseconds kCrowdedIdle{2000};

/// What connections are counted by: an IPv4 address, or the /64 that one IPv6 subscriber has.
using AddressKey = std::array<std::uint8_t, 8>;

AddressKey key_of(const asio::ip::address& address) {
  AddressKey key{};
  if (address.is_v4()) {
    const auto octets = address.to_v4().to_bytes();
    std::ranges::copy(octets, key.begin());
  } else {
    const auto octets = address.to_v6().to_bytes();
    std::copy_n(octets.begin(), key.size(), key.begin());
  }
  return key;
}

struct Connection {
  explicit Connection(tcp::socket connected) : socket(std::move(connected)) {}

  tcp::socket socket;
  AddressKey address{};
  SteadyClock::time_point deadline;
  bool is_idle = true;  // nothing of a query has arrived, nothing is being written
  Octets in = Octets(kFirstRoom);
  std::size_t have = 0;  // octets of `in` that hold something
  Octets out;
};

}  // namespace

class TcpServer::Impl {
 public:
  Impl(std::vector<UniqueFd> listeners, const TcpLimits& limits, const QueryEngine& engine,
       SnapshotCell<Catalog>& catalog)
      : limits_(limits), engine_(engine), catalog_(catalog), sweep_(context_) {
    for (UniqueFd& fd : listeners) {
      sockaddr_storage storage{};
      socklen_t octets = sizeof storage;
      static_cast<void>(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&storage), &octets));
      const tcp protocol = storage.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
      acceptors_.emplace_back(context_, protocol, fd.release());
    }
  }

  void start() {
    for (tcp::acceptor& acceptor : acceptors_) {
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
  using Place = std::list<Connection>::iterator;

  asio::awaitable<void> accept(tcp::acceptor& acceptor) {
    asio::steady_timer pause(context_);
    while (!stopping_) {
      auto [error, socket] = co_await acceptor.async_accept(kUse);
      if (stopping_) {
        break;
      }
      if (error) {
        // Out of descriptors, most likely: the connection that has been idle longest makes room.
        shed_oldest_idle();
        pause.expires_after(std::chrono::milliseconds(20));
        co_await pause.async_wait(kUse);
        continue;
      }
      take(std::move(socket));
    }
  }

  void take(tcp::socket socket) {
    boost::system::error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    const AddressKey address = key_of(peer.address());
    if (error || connections_.size() >= limits_.connections ||
        per_address_[address] >= limits_.connections_per_address) {
      tcp_stats_.refused.add();
      return;  // the socket closes
    }
    socket.set_option(tcp::no_delay(true), error);
    connections_.emplace_back(std::move(socket));
    const Place place = std::prev(connections_.end());
    place->address = address;
    ++per_address_[address];
    tcp_stats_.accepted.add();
    tcp_stats_.open.add();
    asio::co_spawn(context_, serve(place), asio::detached);
  }

  asio::awaitable<void> serve(Place place) {
    Connection& c = *place;
    while (!stopping_) {
      wait_for_query(c);
      const auto [error, octets] = co_await c.socket.async_read_some(
          asio::buffer(c.in.data() + c.have, c.in.size() - c.have), kUse);
      if (error) {
        break;
      }
      c.have += octets;
      if (!co_await answer_all(c)) {
        break;
      }
    }
    boost::system::error_code ignored;
    c.socket.close(ignored);
    if (--per_address_[c.address] == 0) {
      per_address_.erase(c.address);
    }
    tcp_stats_.open.add(static_cast<std::uint64_t>(-1));
    connections_.erase(place);
  }

  /// A query that has begun keeps the deadline of its first octet, so that a trickle does not
  /// extend it.
  void wait_for_query(Connection& c) {
    if (c.have == 0) {
      c.is_idle = true;
      c.deadline = SteadyClock::now() + limits_.idle;
    } else if (c.is_idle) {
      c.is_idle = false;
      c.deadline = SteadyClock::now() + limits_.message;
    }
  }

  /// Answers the whole queries in `c.in`. False: the connection has to end.
  asio::awaitable<bool> answer_all(Connection& c) {
    std::size_t at = 0;
    while (c.have - at >= kLengthOctets) {
      const std::size_t length = load_be16(c.in.data() + at);
      if (c.have - at - kLengthOctets < length) {
        break;
      }
      if (!answer_one(c, OctetSpan(c.in).subspan(at + kLengthOctets, length))) {
        co_return false;
      }
      at += kLengthOctets + length;
      if (c.out.size() >= kAnswersPerWrite && !co_await write(c)) {
        co_return false;
      }
    }
    if (!c.out.empty() && !co_await write(c)) {
      co_return false;
    }
    keep_rest(c, at);
    co_return true;
  }

  bool answer_one(Connection& c, OctetSpan query) {
    const Catalog& catalog = reader_->pin();
    const std::size_t octets = engine_.answer(catalog, query, Transport::kTcp, answer_, worker_);
    reader_->unpin();
    if (octets == 0) {
      return false;  // an answer sent to us, or no DNS at all
    }
    append_be(c.out, static_cast<std::uint16_t>(octets));
    append(c.out, OctetSpan(answer_).first(octets));
    return true;
  }

  asio::awaitable<bool> write(Connection& c) {
    c.is_idle = false;
    c.deadline = SteadyClock::now() + limits_.write;
    const auto [error, octets] = co_await asio::async_write(c.socket, asio::buffer(c.out), kUse);
    static_cast<void>(octets);
    c.out.clear();
    if (c.out.capacity() > kAnswersPerWrite / 4) {
      c.out.shrink_to_fit();  // a thousand idle connections must not keep a thousand large buffers
    }
    c.is_idle = true;
    co_return !error;
  }

  /// Moves what is left of an unfinished query to the front and makes room for all of it.
  static void keep_rest(Connection& c, std::size_t from) {
    c.have -= from;
    std::memmove(c.in.data(), c.in.data() + from, c.have);
    if (c.have >= kLengthOctets) {
      c.in.resize(std::max(c.in.size(), kLengthOctets + load_be16(c.in.data())));
    }
  }

  asio::awaitable<void> sweep() {
    while (!stopping_) {
      sweep_.expires_after(kSweepEvery);
      co_await sweep_.async_wait(kUse);
      const auto now = SteadyClock::now();
      const bool crowded = connections_.size() * 2 > limits_.connections;
      const auto spared = crowded && limits_.idle > kCrowdedIdle ? limits_.idle - kCrowdedIdle
                                                                 : SteadyClock::duration(0);
      for (Connection& c : connections_) {
        if (now > c.deadline - (c.is_idle ? spared : SteadyClock::duration(0))) {
          tcp_stats_.timed_out.add();
          close(c);
        }
      }
    }
  }

  static void close(Connection& c) {
    boost::system::error_code ignored;
    c.socket.close(ignored);  // its coroutine ends with an error and forgets it
    c.deadline = SteadyClock::time_point::max();
  }

  void shed_oldest_idle() {
    const auto idle = std::ranges::find_if(connections_, &Connection::is_idle);
    if (idle != connections_.end()) {
      close(*idle);
    }
  }

  void close_all() {
    stopping_ = true;
    boost::system::error_code ignored;
    for (tcp::acceptor& acceptor : acceptors_) {
      acceptor.close(ignored);
    }
    for (Connection& c : connections_) {
      c.socket.close(ignored);
    }
    sweep_.cancel();
  }

  TcpLimits limits_;
  const QueryEngine& engine_;
  SnapshotCell<Catalog>& catalog_;
  asio::io_context context_{1};
  asio::steady_timer sweep_;
  std::list<tcp::acceptor> acceptors_;
  std::list<Connection> connections_;  // oldest first
  std::map<AddressKey, std::size_t> per_address_;
  bool stopping_ = false;
  std::optional<SnapshotCell<Catalog>::Reader> reader_;
  QueryEngine::Worker worker_;
  Octets answer_ = Octets(kMaxMessageOctets);
  TcpStats tcp_stats_;
  std::thread thread_;
};

TcpServer::TcpServer(std::vector<UniqueFd> listeners, const TcpLimits& limits,
                     const QueryEngine& engine, SnapshotCell<Catalog>& catalog)
    : impl_(std::make_unique<Impl>(std::move(listeners), limits, engine, catalog)) {}

TcpServer::~TcpServer() {
  stop();
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
