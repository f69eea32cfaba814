#include "common/net/timed_socket.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/base/unique_fd.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
constexpr auto kUse = asio::as_tuple(asio::use_awaitable);

}  // namespace

void TimedSockets::stop() {
  is_stopped_ = true;
  boost::system::error_code ignored;
  for (TimedSocket* const socket : open_) {
    static_cast<void>(socket->descriptor_.cancel(ignored));
  }
}

TimedSocket::TimedSocket(TimedSockets& all)
    : all_(all), descriptor_(all.context()), timer_(all.context()) {
  all_.open_.insert(this);
}

TimedSocket::~TimedSocket() {
  all_.open_.erase(this);
}

Status TimedSocket::connect(int type, const SocketAddress& to,
                            const std::optional<SocketAddress>& from) {
  UniqueFd fd(::socket(to.family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) {
    return fail(Errc::kIo, "cannot open a socket: {}", std::strerror(errno));
  }
  if (from) {
    const int on = 1;  // a port that was used a minute ago is free
    static_cast<void>(::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    if (::bind(fd.get(), from->system(), from->system_octets()) != 0) {
      return fail(Errc::kIo, "cannot ask from {}: {}", from->to_text(), std::strerror(errno));
    }
  }
  if (::connect(fd.get(), to.system(), to.system_octets()) != 0 && errno != EINPROGRESS) {
    return fail(Errc::kIo, "cannot reach {}: {}", to.to_text(), std::strerror(errno));
  }
  descriptor_.assign(fd.release());
  return {};
}

asio::awaitable<Status> TimedSocket::wait(SocketNeed need, Deadline until) {
  if (!all_.is_stopped_ && std::chrono::steady_clock::now() < until) {
    timer_.expires_at(until);
    timer_.async_wait([weak = weak_from_this(), turn = ++waits_](boost::system::error_code error) {
      const auto self = weak.lock();
      if (self != nullptr && !error && turn == self->waits_) {
        static_cast<void>(self->descriptor_.cancel(error));
      }
    });
    const auto what = need == SocketNeed::kWritable ? asio::posix::descriptor_base::wait_write
                                                    : asio::posix::descriptor_base::wait_read;
    const auto [error] = co_await descriptor_.async_wait(what, kUse);
    ++waits_;
    timer_.cancel();
    if (!error && !all_.is_stopped_) {
      co_return Status{};
    }
  }
  if (all_.is_stopped_) {
    co_return fail(Errc::kUnavailable, "this node stops asking");
  }
  co_return fail(Errc::kTimeout, "no answer in time");
}

}  // namespace tandem
