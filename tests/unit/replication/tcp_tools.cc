#include "tests/unit/replication/tcp_tools.h"

#include <array>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <utility>

#include "common/replication/link_address.h"

namespace tandem::testing {
namespace {

LinkSocketAddress parsed(const std::string& address) {
  return LinkSocketAddress::of(parse_host_port(address).value()).value();
}

}  // namespace

UniqueFd connect_to(const std::string& address, const std::string& source) {
  const LinkSocketAddress to = parsed(address);
  UniqueFd fd(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!source.empty()) {
    const LinkSocketAddress from = parsed(source + ":0");
    if (::bind(fd.get(), from.get(), from.size()) != 0) {
      return {};
    }
  }
  if (::connect(fd.get(), to.get(), to.size()) != 0) {
    return {};
  }
  return fd;
}

std::optional<std::chrono::milliseconds> time_to_close(const UniqueFd& fd,
                                                       std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  std::array<std::uint8_t, 4096> dropped{};
  while (true) {
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    pollfd waiting{.fd = fd.get(), .events = POLLIN, .revents = 0};
    if (passed >= patience ||
        ::poll(&waiting, 1, static_cast<int>((patience - passed).count())) == 0) {
      return std::nullopt;
    }
    if (::recv(fd.get(), dropped.data(), dropped.size(), 0) <= 0) {
      return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    }
  }
}

TcpRelay::TcpRelay(std::string target)
    : target_(std::move(target)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  LinkSocketAddress any = parsed("127.0.0.1:0");
  listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // A relay that cannot listen fails its test by what does not come.
  static_cast<void>(::bind(listener_.get(), any.get(), any.size()));
  ::listen(listener_.get(), 8);
  ::getsockname(listener_.get(), any.buffer(), any.size_buffer());
  address_ = any.to_text();
  thread_ = std::thread([this] { run(); });
}

TcpRelay::~TcpRelay() {
  is_stopping_ = true;
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

void TcpRelay::freeze() {
  is_frozen_ = true;
  ::eventfd_write(wake_.get(), 1);
}

void TcpRelay::run() {
  while (!is_stopping_) {
    std::vector<pollfd> waiting{{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
    if (!is_frozen_) {
      waiting.push_back({.fd = listener_.get(), .events = POLLIN, .revents = 0});
      for (const Pipe& pipe : pipes_) {
        waiting.push_back({.fd = pipe.from.get(), .events = POLLIN, .revents = 0});
      }
    }
    ::poll(waiting.data(), waiting.size(), -1);
    eventfd_t wakes = 0;
    ::eventfd_read(wake_.get(), &wakes);
    if (is_stopping_ || is_frozen_) {
      continue;
    }
    for (std::size_t i = 2; i < waiting.size(); ++i) {
      Pipe& pipe = pipes_[i - 2];
      if (waiting[i].revents != 0 && !pass_on(pipe.from, pipe.to)) {
        ::shutdown(pipe.to.get(), SHUT_WR);
        pipe.from.reset();  // poll() passes over -1
      }
    }
    if (waiting[1].revents != 0) {
      accept_one();
    }
  }
}

void TcpRelay::accept_one() {
  UniqueFd near(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  UniqueFd far = connect_to(target_);
  if (!near.valid() || !far.valid()) {
    return;
  }
  UniqueFd near_again(::dup(near.get()));
  UniqueFd far_again(::dup(far.get()));
  pipes_.push_back({std::move(near), std::move(far)});
  pipes_.push_back({std::move(far_again), std::move(near_again)});
}

bool TcpRelay::pass_on(const UniqueFd& from, const UniqueFd& to) const {
  std::array<std::uint8_t, 65'536> octets{};
  const ssize_t got = ::recv(from.get(), octets.data(), octets.size(), 0);
  return got > 0 &&
         ::send(to.get(), octets.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
}

}  // namespace tandem::testing
