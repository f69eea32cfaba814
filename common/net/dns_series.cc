#include "common/net/dns_series.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "common/base/background.h"
#include "common/net/dns_request.h"
#include "common/net/dns_stream.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kBlock = std::size_t{64} << 10U;  // a message of the greatest length

/// Does what DnsClient::run_series() says, up to `ended`.
asio::awaitable<Status> take_series(DnsSeriesPool::Series& series, TimedSockets& sockets,
                                    const TlsClient& tls, const Clock& clock) {
  const Result<DnsRequest> request =
      DnsRequest::make(std::move(series.request), series.peer.key, clock);
  if (!request) {
    co_return std::unexpected(request.error());
  }
  const Deadline end = SteadyClock::now() + series.options.in_all;
  DnsStream stream(sockets, tls, series.peer, kBlock);
  const Deadline connected = std::min(end, SteadyClock::now() + series.options.connect);
  Status status = co_await stream.open(connected);
  if (status) {
    status = co_await stream.send(request->octets(), connected);
  }
  DnsAnswerReader reader = request->reader();
  while (status) {
    const Deadline until = std::min(end, SteadyClock::now() + series.options.idle);
    const Result<std::span<std::uint8_t>> message = co_await stream.receive(until);
    if (!message) {
      co_return std::unexpected(message.error());
    }
    const Result<OctetSpan> answer = reader.take(*message);
    if (!answer) {
      co_return std::unexpected(answer.error());
    }
    const Result<bool> is_last = series.take(*answer);
    if (!is_last) {
      co_return std::unexpected(is_last.error());
    }
    if (*is_last) {
      co_return reader.end();
    }
  }
  co_return status;
}

Error stopping() {
  return {Errc::kUnavailable, "this node stops asking"};
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): no memory for the last message is the end anyway
DnsSeriesPool::~DnsSeriesPool() {
  stop();
}

std::optional<DnsSeriesPool::Series> DnsSeriesPool::add(Series series) {
  const std::lock_guard lock(mutex_);
  if (is_stopping_) {
    return std::nullopt;
  }
  if (waiting_.size() >= DnsClient::kMostWaiting) {
    return series;
  }
  waiting_.push_back(std::move(series));
  if (waiting_.size() > idle_ && workers_.size() < DnsClient::kSeriesAtOnce) {
    Worker& worker = workers_.emplace_back();
    worker.thread = std::thread([this, &worker] { work(worker); });
  }
  changed_.notify_one();
  return std::nullopt;
}

void DnsSeriesPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    for (Worker& worker : workers_) {
      asio::post(worker.context, [&worker] { worker.sockets.stop(); });
    }
    changed_.notify_all();
  }
  for (Worker& worker : workers_) {  // no more are made
    if (worker.thread.joinable()) {
      worker.thread.join();
    }
  }
}

void DnsSeriesPool::work(Worker& worker) {
  give_way();
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) {
      return;
    }
    Series series = std::move(waiting_.front());
    waiting_.pop_front();
    const bool is_over = is_stopping_;
    lock.unlock();
    if (is_over) {
      series.ended(std::unexpected(stopping()));
    } else {
      run(worker, std::move(series));
    }
    lock.lock();
  }
}

void DnsSeriesPool::run(Worker& worker, Series series) {
  Status ended = std::unexpected(stopping());
  asio::co_spawn(worker.context, take_series(series, worker.sockets, tls_, clock_),
                 [&ended](const std::exception_ptr& failure, Status status) {
                   ended = failure != nullptr
                               ? Status(fail(Errc::kInternal, "the transfer ended by a mistake"))
                               : std::move(status);
                 });
  worker.context.run();
  worker.context.restart();
  series.ended(std::move(ended));
}

}  // namespace tandem
