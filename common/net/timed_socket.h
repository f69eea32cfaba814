// Sockets to other servers for coroutines: whoever waits for one waits until a deadline, or until
// all waiting is ended. Internal to the clients of other servers. One thread, the io_context's.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/base/result.h"
#include "common/net/address.h"
#include "common/net/tls.h"

namespace tandem {

using Deadline = std::chrono::steady_clock::time_point;

class TimedSocket;

/// The sockets of one io_context.
class TimedSockets {
 public:
  explicit TimedSockets(boost::asio::io_context& context) : context_(context) {}

  [[nodiscard]] boost::asio::io_context& context() const noexcept { return context_; }

  /// Ends all waiting, for good.
  void stop();

 private:
  friend class TimedSocket;

  boost::asio::io_context& context_;
  std::set<TimedSocket*> open_;
  bool is_stopped_ = false;
};

class TimedSocket : public std::enable_shared_from_this<TimedSocket> {
 public:
  /// Requires: `all` outlives it.
  explicit TimedSocket(TimedSockets& all);
  TimedSocket(const TimedSocket&) = delete;
  TimedSocket& operator=(const TimedSocket&) = delete;
  ~TimedSocket();

  /// Opens a socket of `type` that does not block and begins to connect it, from `from` when it is
  /// given. The kernel chooses a port at random. Fails: kIo.
  Status connect(int type, const SocketAddress& to, const std::optional<SocketAddress>& from);

  [[nodiscard]] int fd() { return descriptor_.native_handle(); }

  /// Waits until the socket is what is needed. Fails: kTimeout after `until`, kUnavailable when all
  /// waiting has ended.
  boost::asio::awaitable<Status> wait(SocketNeed need, Deadline until);

 private:
  friend class TimedSockets;

  TimedSockets& all_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer timer_;
  std::uint64_t waits_ = 0;  // begun; tells an old wait's alarm from the present one's
};

}  // namespace tandem
