// Requests with a series of answers, each on one of a few threads. Internal to the DNS client.
#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "common/base/clock.h"
#include "common/net/dns_client.h"
#include "common/net/timed_socket.h"
#include "common/net/tls.h"

namespace tandem {

/// Any thread.
class DnsSeriesPool {
 public:
  struct Series {
    DnsPeer peer;
    Octets request;
    SeriesOptions options;
    DnsClient::TakeMessage take;
    DnsClient::Ended ended;
  };

  /// Requires: both outlive it.
  DnsSeriesPool(const TlsClient& tls, const Clock& clock) : tls_(tls), clock_(clock) {}

  DnsSeriesPool(const DnsSeriesPool&) = delete;
  DnsSeriesPool& operator=(const DnsSeriesPool&) = delete;
  /// Stops.
  ~DnsSeriesPool();

  /// Gives it back when too many wait. Once it is stopped nothing comes of it.
  [[nodiscard]] std::optional<Series> add(Series series);
  void stop();

 private:
  struct Worker {
    boost::asio::io_context context{1};
    TimedSockets sockets{context};
    std::thread thread;
  };

  void work(Worker& worker);
  void run(Worker& worker, Series series);

  const TlsClient& tls_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Series> waiting_;  // guarded by mutex_
  std::list<Worker> workers_;   // guarded by mutex_; the elements are their threads'
  std::size_t idle_ = 0;        // guarded by mutex_; workers
  bool is_stopping_ = false;    // guarded by mutex_
};

}  // namespace tandem
