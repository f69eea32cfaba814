#include "common/net/request_queue.h"

#include <cstring>
#include <sys/eventfd.h>
#include <utility>

#include "common/base/check.h"

namespace tandem {
namespace {

void signal(int fd) noexcept {
  static_cast<void>(::eventfd_write(fd, 1));  // fails only when it is signalled anyway
}

/// What sends a datagram's answer: a copy of the way back, since its place in the ring is needed
/// for others.
struct WayBack {
  int socket;
  sockaddr_storage to;
  socklen_t to_octets;
  std::size_t control_octets;
  alignas(cmsghdr) std::array<std::uint8_t, kPacketInfoOctets> control;

  void send(Octets message) {
    iovec vector{message.data(), message.size()};
    msghdr header{};
    header.msg_name = &to;
    header.msg_namelen = to_octets;
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    if (control_octets > 0) {
      header.msg_control = control.data();
      header.msg_controllen = control_octets;
    }
    static_cast<void>(::sendmsg(socket, &header, 0));  // lost, as any datagram may be
  }
};

ReceivedRequest message_of(const RequestDatagram& datagram) {
  auto way = std::make_unique<WayBack>(WayBack{datagram.socket, datagram.from, datagram.from_octets,
                                               datagram.control_octets, datagram.control});
  const auto* const first = datagram.message.data();
  return {.message = Octets(first, first + datagram.octets),
          .from = SocketAddress::from_system(datagram.from),
          .transport = Transport::kUdp,
          .answer = [way = std::move(way)](RequestAnswer answer) {
            if (!answer.message.empty()) {
              way->send(std::move(answer.message));
            }
          }};
}

}  // namespace

RequestRing::RequestRing(int wake_fd)
    : wake_fd_(wake_fd),
      // NOLINTNEXTLINE(modernize-avoid-c-arrays): as the header has it
      places_(std::make_unique_for_overwrite<RequestDatagram[]>(kPlaces)) {}

RequestDatagram* RequestRing::begin_push() noexcept {
  const std::size_t at = pushed_.load(std::memory_order_relaxed);
  const bool is_full = at - popped_.load(std::memory_order_acquire) == kPlaces;
  return is_full ? nullptr : &places_[at % kPlaces];
}

void RequestRing::end_push() noexcept {
  pushed_.store(pushed_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  has_pushed_ = true;
}

void RequestRing::wake() noexcept {
  if (std::exchange(has_pushed_, false)) {
    signal(wake_fd_);
  }
}

RequestDatagram* RequestRing::begin_pop() noexcept {
  const std::size_t at = popped_.load(std::memory_order_relaxed);
  return at == pushed_.load(std::memory_order_acquire) ? nullptr : &places_[at % kPlaces];
}

void RequestRing::end_pop() noexcept {
  popped_.store(popped_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

RequestQueue::RequestQueue() : wake_(::eventfd(0, EFD_CLOEXEC)) {
  CHECK(wake_.get() >= 0);
}

RequestQueue::~RequestQueue() {
  stop();
}

RequestRing& RequestQueue::add_ring() {
  rings_.push_back(std::make_unique<RequestRing>(wake_.get()));
  return *rings_.back();
}

void RequestQueue::start(Handler handler) {
  handler_ = std::move(handler);
  thread_ = std::thread([this] { run(); });
}

void RequestQueue::stop() {
  if (!thread_.joinable()) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    given_.clear();
  }
  signal(wake_.get());
  thread_.join();
}

void RequestQueue::give(ReceivedRequest message) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      return;
    }
    given_.push_back(std::move(message));
  }
  signal(wake_.get());
}

void RequestQueue::run() {
  while (!stopping_) {
    eventfd_t count = 0;
    static_cast<void>(::eventfd_read(wake_.get(), &count));
    bool is_busy = true;
    while (is_busy && !stopping_) {
      is_busy = serve_rings();
      is_busy = serve_given() || is_busy;
    }
  }
}

/// One of each ring in turn, so that none waits for another's flood.
bool RequestQueue::serve_rings() {
  bool is_busy = false;
  for (const auto& ring : rings_) {
    if (const RequestDatagram* const datagram = ring->begin_pop(); datagram != nullptr) {
      ReceivedRequest message = message_of(*datagram);
      ring->end_pop();
      handler_(std::move(message));
      is_busy = true;
    }
  }
  return is_busy;
}

bool RequestQueue::serve_given() {
  std::vector<ReceivedRequest> given;
  {
    const std::lock_guard lock(mutex_);
    given.swap(given_);
  }
  for (ReceivedRequest& message : given) {
    handler_(std::move(message));
  }
  return !given.empty();
}

}  // namespace tandem
