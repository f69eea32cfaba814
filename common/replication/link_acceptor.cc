#include "common/replication/link_acceptor.h"

#include <bit>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include "common/base/logging.h"
#include "common/replication/link_address.h"

namespace tandem {
namespace {

constexpr int kBacklog = 32;
constexpr int kDescriptorsPauseMs = 100;
/// Unsent data older than this ends the connection: gRPC cannot end one whose write does not
/// return.
constexpr unsigned kUnsentMs = 15'000;

std::string why(int error) {
  switch (error) {
    case EADDRINUSE:
      return "in use by another program";
    case EACCES:
      return "not permitted: ports below 1024 need CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
      return "this machine has no such address";
    default:
      return std::generic_category().message(error);
  }
}

template <class T>
bool set_option(int fd, int level, int option, T value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/// Out of descriptors or memory: the connection stays in the backlog and poll() would say so again
/// at once.
bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

std::string_view without_port(std::string_view peer) {
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace

Result<std::unique_ptr<LinkAcceptor>> LinkAcceptor::listen(
    const std::vector<std::string>& addresses, std::size_t max_connections) {
  // The constructor is private, which make_unique does not see past.
  std::unique_ptr<LinkAcceptor> acceptor(
      new LinkAcceptor(max_connections));  // NOLINT(modernize-make-unique)
  TRYV(acceptor->open());
  for (const std::string& address : addresses) {
    TRYV(acceptor->add_listener(address));
  }
  return acceptor;
}

LinkAcceptor::LinkAcceptor(std::size_t max_connections) : max_connections_(max_connections) {}

LinkAcceptor::~LinkAcceptor() {
  stop();
}

Status LinkAcceptor::open() {
  stop_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  alive_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!stop_.valid() || !alive_.valid()) {
    return fail(Errc::kIo, "link: {}", why(errno));
  }
  return {};
}

Status LinkAcceptor::add_listener(const std::string& text) {
  const HostPort host_port = TRY(parse_host_port(text));
  LinkSocketAddress address = TRY(LinkSocketAddress::of(host_port));
  UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() || !set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1)) {
    return fail(Errc::kIo, "link address {}: {}", text, why(errno));
  }
  // Both 0.0.0.0 and [::] may be listened on, and a peer's IPv4 address shows as one.
  if (address.family() == AF_INET6 && !set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) {
    return fail(Errc::kIo, "link address {}: {}", text, why(errno));
  }
  if (::bind(fd.get(), address.get(), address.size()) != 0 || ::listen(fd.get(), kBacklog) != 0 ||
      ::getsockname(fd.get(), address.buffer(), address.size_buffer()) != 0) {
    return fail(Errc::kIo, "link address {}: {}", text, why(errno));
  }
  addresses_.push_back(address.to_text());
  listeners_.push_back(std::move(fd));
  return {};
}

void LinkAcceptor::start(Deliver deliver) {
  deliver_ = std::move(deliver);
  thread_ = std::thread([this] { run(); });
}

void LinkAcceptor::stop() {
  if (thread_.joinable()) {
    ::eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  listeners_.clear();
}

void LinkAcceptor::has_stream(std::string_view peer) {
  auto connections = connections_.lock();
  for (auto& [fd, connection] : *connections) {
    if (connection.peer == peer) {
      connection.in_handshake = false;
    }
  }
}

std::uint64_t LinkAcceptor::refused_count() const noexcept {
  return refused_.load(std::memory_order_relaxed);  // a figure to show, orders nothing
}

void LinkAcceptor::run() {
  std::vector<pollfd> waiting{{.fd = stop_.get(), .events = POLLIN, .revents = 0}};
  for (const UniqueFd& listener : listeners_) {
    waiting.push_back({.fd = listener.get(), .events = POLLIN, .revents = 0});
  }
  while (true) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0) {
      continue;  // EINTR
    }
    if (waiting.front().revents != 0) {
      return;
    }
    for (const pollfd& listener : waiting) {
      if (listener.revents != 0) {
        accept_from(listener.fd);
      }
    }
  }
}

void LinkAcceptor::wait_for_descriptors() const {
  pollfd stop{.fd = stop_.get(), .events = POLLIN, .revents = 0};
  ::poll(&stop, 1, kDescriptorsPauseMs);
}

void LinkAcceptor::accept_from(int listener) {
  LinkSocketAddress peer;
  UniqueFd fd(::accept4(listener, peer.buffer(), peer.size_buffer(), SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd.valid()) {
    if (is_shortage(errno)) {
      log_warn("link connection not accepted error=\"{}\"", why(errno));
      wait_for_descriptors();
    }
    return;
  }
  if (!admit(fd.get(), peer.to_text())) {
    const std::uint64_t refused = refused_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (std::has_single_bit(refused)) {  // whoever floods us does not also fill the log
      log_warn("link connection refused peer={} reason=\"too many connections\" refused={}",
               peer.to_text(), refused);
    }
    return;
  }
  set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, kUnsentMs);
  deliver_(std::move(fd));
}

bool LinkAcceptor::admit(int fd, std::string peer) {
  auto connections = connections_.lock();
  forget_closed(*connections);  // also whoever had this number before
  std::size_t handshakes = 0;
  std::size_t of_one = 0;
  for (const auto& [other, connection] : *connections) {
    if (connection.in_handshake) {
      ++handshakes;
      of_one += without_port(connection.peer) == without_port(peer) ? 1U : 0U;
    }
  }
  if (connections->size() >= max_connections_ || handshakes >= kMaxHandshakes ||
      of_one >= kMaxHandshakesOfOne) {
    return false;
  }
  epoll_event nothing{};
  if (::epoll_ctl(alive_.get(), EPOLL_CTL_ADD, fd, &nothing) != 0) {
    return false;
  }
  connections->emplace(fd, Connection{.peer = std::move(peer)});
  return true;
}

void LinkAcceptor::forget_closed(Connections& connections) const {
  std::erase_if(connections, [this](const auto& entry) {
    epoll_event nothing{};
    return ::epoll_ctl(alive_.get(), EPOLL_CTL_MOD, entry.first, &nothing) != 0;
  });
}

}  // namespace tandem
