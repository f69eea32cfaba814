#include "common/net/dns_client.h"

#include <atomic>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "common/net/dns_asking.h"
#include "common/net/dns_series.h"
#include "common/net/host_turns.h"
#include "common/net/io_thread.h"

namespace tandem {
namespace {

namespace asio = boost::asio;

std::unexpected<Error> too_many(std::string_view what) {
  return fail(Errc::kUnavailable, "{} {} wait already", DnsClient::kMostWaiting, what);
}

std::unexpected<Error> stopping() {
  return fail(Errc::kUnavailable, "this node stops asking");
}

struct Asked {
  DnsPeer peer;
  Octets message;
  AskOptions options;
  DnsClient::Answer answer;
};

}  // namespace

class DnsClient::Impl {
 public:
  Impl(const NodeKey& key, const Clock& clock)
      : tls_(key), tools_{sockets_, tls_, clock}, series_(tls_, clock) {}

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // NOLINTNEXTLINE(bugprone-exception-escape): no memory for the last message is the end anyway
  ~Impl() { stop(); }

  void stop() {
    series_.stop();
    io_.stop([this] { end_all(); });
  }

  void ask(std::unique_ptr<Asked> asked) {
    const std::size_t before = taken_.fetch_add(1, std::memory_order_relaxed);  // orders nothing
    asio::post(io_.context(), [this, asked = std::move(asked), before]() mutable {
      if (is_stopping_) {
        return;
      }
      if (before >= kAsksAtOnce + kMostWaiting) {
        finish(*asked, too_many("questions"));
        return;
      }
      const SocketAddress host = asked->peer.address;
      turns_.wait(host, std::move(asked));
      begin_waiting();
    });
  }

  void run_series(DnsSeriesPool::Series series) {
    if (auto refused = series_.add(std::move(series))) {
      asio::post(io_.context(), [refused = *std::move(refused)]() mutable {
        refused.ended(too_many("transfers"));
      });
    }
  }

 private:
  void begin_waiting() {
    while (auto turn = turns_.next()) {
      begin(std::move(turn->item), std::move(turn->host));
    }
  }

  void begin(std::unique_ptr<Asked> asked, Octets host) {
    Asked& it = *asked;  // stays where it is
    asio::co_spawn(io_.context(), ask_server(tools_, it.peer, std::move(it.message), it.options),
                   [this, asked = std::move(asked), host = std::move(host)](
                       const std::exception_ptr& failure, Result<Octets> answer) mutable {
                     turns_.release(host);
                     if (failure != nullptr) {
                       answer = fail(Errc::kInternal, "the question ended by a mistake");
                     }
                     finish(*asked, std::move(answer));
                     begin_waiting();
                   });
  }

  void finish(Asked& asked, Result<Octets> answer) {
    taken_.fetch_sub(1, std::memory_order_relaxed);
    asked.answer(std::move(answer));
  }

  void end_all() {
    is_stopping_ = true;
    sockets_.stop();  // what is going on ends by itself
    for (const auto& asked : turns_.take_waiting()) {
      finish(*asked, stopping());
    }
  }

  IoThread io_;
  TimedSockets sockets_{io_.context()};
  const TlsClient tls_;
  AskingTools tools_;
  DnsSeriesPool series_;
  std::atomic<std::size_t> taken_{0};  // questions that are not finished
  // The client's own thread's:
  HostTurns<std::unique_ptr<Asked>> turns_{kAsksAtOnce, kAsksOfOneHost};
  bool is_stopping_ = false;
};

DnsClient::DnsClient(const NodeKey& key, const Clock& clock)
    : impl_(std::make_unique<Impl>(key, clock)) {}

// NOLINTNEXTLINE(bugprone-exception-escape): no memory for the last message is the end anyway
DnsClient::~DnsClient() {
  stop();
}

void DnsClient::stop() {
  impl_->stop();
}

void DnsClient::ask(const DnsPeer& peer, Octets message, const AskOptions& options, Answer answer) {
  impl_->ask(std::make_unique<Asked>(Asked{.peer = peer,
                                           .message = std::move(message),
                                           .options = options,
                                           .answer = std::move(answer)}));
}

void DnsClient::run_series(const DnsPeer& peer, Octets request, const SeriesOptions& options,
                           TakeMessage take, Ended ended) {
  impl_->run_series({.peer = peer,
                     .request = std::move(request),
                     .options = options,
                     .take = std::move(take),
                     .ended = std::move(ended)});
}

}  // namespace tandem
