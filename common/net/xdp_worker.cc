#include "common/net/xdp_worker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <linux/if_xdp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>

#include <xdp/xsk.h>

#include "common/base/check.h"

namespace tandem {
namespace {

constexpr std::size_t kBatch = 64;
// In each direction. Queries wait in a ring while a batch is answered; answers leave at once.
constexpr std::uint32_t kFrames = 1024;
constexpr std::size_t kMemoryOctets = std::size_t{2} * kFrames * kFrameOctets;
// The kernel sends at most 32 frames for a call, and says EAGAIN when there are more.
constexpr int kMostCalls = 2 * kBatch / 32;
// What the kernel may have on its way out at once, by its own count: more than all frames.
constexpr int kSendOctets = kFrames * 4096;

/// Locked memory is counted for a process without CAP_IPC_LOCK. As much as may be: all with
/// CAP_SYS_RESOURCE, else what the hard limit says, which is often enough.
void allow_locked_memory() noexcept {
  rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
  if (::setrlimit(RLIMIT_MEMLOCK, &limit) != 0 && ::getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_MEMLOCK, &limit));
  }
}

std::unexpected<Error> failed(std::string_view what, int error) {
  return fail(Errc::kIo, "{}: {}", what, std::generic_category().message(error));
}

}  // namespace

/// The memory shared with the kernel and the four rings that pass its frames to and fro. Frames of
/// the first half receive, those of the second send.
struct XdpWorker::Rings {
  Rings() = default;
  Rings(const Rings&) = delete;
  Rings& operator=(const Rings&) = delete;

  ~Rings() {
    if (socket != nullptr) {
      ::xsk_socket__delete(socket);
    }
    if (umem != nullptr) {
      static_cast<void>(::xsk_umem__delete(umem));
    }
    if (memory != MAP_FAILED) {
      static_cast<void>(::munmap(memory, kMemoryOctets));
    }
  }

  Status open(const XdpQueue& queue) {
    allow_locked_memory();
    memory =
        ::mmap(nullptr, kMemoryOctets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      return failed("cannot get memory for frames", errno);
    }
    // The kernel hands a frame over before it says that its place in the fill ring is free: with
    // twice the places there is one for every frame at any moment.
    const xsk_umem_config frames{.fill_size = 2 * kFrames,
                                 .comp_size = kFrames,
                                 .frame_size = kFrameOctets,
                                 .frame_headroom = 0,
                                 .flags = 0};
    int result = ::xsk_umem__create(&umem, memory, kMemoryOctets, &fill, &completion, &frames);
    if (result != 0) {
      return failed(result == -ENOBUFS
                        ? "the limit on locked memory is too low, see LimitMEMLOCK= or ulimit -l"
                        : "cannot share memory with the kernel",
                    -result);
    }
    xsk_socket_config options{};
    options.rx_size = kFrames;
    options.tx_size = kFrames;
    options.libxdp_flags =
        XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD;  // ours is more careful what it takes
    options.bind_flags = XDP_USE_NEED_WAKEUP;
    if (!queue.is_in_driver) {
      // A driver that shares its memory keeps the frames to itself: behind it none would come.
      options.bind_flags |= XDP_COPY;
    }
    result = ::xsk_socket__create(&socket, queue.interface.c_str(), queue.queue, umem, &rx, &tx,
                                  &options);
    if (result != 0) {
      return failed("cannot open an XDP socket", -result);
    }
    static_cast<void>(
        ::setsockopt(fd(), SOL_SOCKET, SO_SNDBUFFORCE, &kSendOctets, sizeof kSendOctets));
    std::uint32_t at = 0;
    CHECK(::xsk_ring_prod__reserve(&fill, kFrames, &at) == kFrames);
    for (std::uint32_t i = 0; i < kFrames; ++i) {
      *::xsk_ring_prod__fill_addr(&fill, at + i) = std::uint64_t{i} * kFrameOctets;
      free_frames[i] = (std::uint64_t{kFrames} + i) * kFrameOctets;
    }
    ::xsk_ring_prod__submit(&fill, kFrames);
    return {};
  }

  [[nodiscard]] std::uint8_t* at(std::uint64_t frame) const noexcept {
    return static_cast<std::uint8_t*>(memory) + frame;
  }

  [[nodiscard]] int fd() const noexcept { return ::xsk_socket__fd(socket); }

  /// What the kernel has sent may be written again.
  void take_back_sent() noexcept {
    std::uint32_t first = 0;
    const std::uint32_t sent = ::xsk_ring_cons__peek(&completion, kFrames, &first);
    for (std::uint32_t i = 0; i < sent; ++i) {
      free_frames[free_count++] = *::xsk_ring_cons__comp_addr(&completion, first + i);
    }
    ::xsk_ring_cons__release(&completion, sent);
  }

  /// Tells the kernel of frames to send, until it has taken all. What stays is tried again with the
  /// next batch, or when poll() waits for one.
  void send() const noexcept {
    for (int call = 0; call < kMostCalls && has_unsent(); ++call) {
      if (::sendto(fd(), nullptr, 0, MSG_DONTWAIT, nullptr, 0) < 0 && errno != EAGAIN) {
        return;
      }
    }
  }

  [[nodiscard]] bool has_unsent() const noexcept {
    return __atomic_load_n(tx.consumer, __ATOMIC_ACQUIRE) != tx.cached_prod &&
           ::xsk_ring_prod__needs_wakeup(&tx) != 0;
  }

  void* memory = MAP_FAILED;
  xsk_umem* umem = nullptr;
  xsk_socket* socket = nullptr;
  xsk_ring_prod fill{};
  xsk_ring_cons completion{};
  xsk_ring_cons rx{};
  xsk_ring_prod tx{};
  std::array<std::uint64_t, kFrames> free_frames{};  // to send with
  std::size_t free_count = kFrames;
};

struct XdpWorker::Batch {
  std::array<OctetSpan, kBatch> frame;  // of each exchange
  std::array<Datagram, kBatch> query;
  std::array<std::uint64_t, kBatch> answer_frame;
  std::array<QueryEngine::Exchange, kBatch> exchange;
  std::size_t asked = 0;
  QueryEngine::Worker worker;
};

Result<std::unique_ptr<XdpWorker>> XdpWorker::open(const XdpQueue& queue, const QueryEngine& engine,
                                                   SnapshotCell<Catalog>& catalog,
                                                   RequestRing& requests,
                                                   std::span<const BoundSocket> sockets) {
  auto rings = std::make_unique<Rings>();
  TRYV(rings->open(queue));
  return std::unique_ptr<XdpWorker>(
      new XdpWorker(std::move(rings), queue, engine, catalog, requests, sockets));
}

XdpWorker::XdpWorker(std::unique_ptr<Rings> rings, const XdpQueue& queue, const QueryEngine& engine,
                     SnapshotCell<Catalog>& catalog, RequestRing& requests,
                     std::span<const BoundSocket> sockets)
    : rings_(std::move(rings)),
      mtu_(queue.mtu),
      interface_(queue.index),
      engine_(engine),
      catalog_(catalog),
      requests_(requests),
      sockets_(sockets.begin(), sockets.end()),
      batch_(std::make_unique<Batch>()) {}

XdpWorker::~XdpWorker() = default;

int XdpWorker::socket() const noexcept {
  return rings_->fd();
}

const WorkerStats& XdpWorker::stats() const noexcept {
  return batch_->worker.stats;
}

void XdpWorker::start(int cpu) {
  thread_.start(cpu, [this, reader = catalog_.reader()]() mutable { turn(reader); });
}

void XdpWorker::turn(SnapshotCell<Catalog>::Reader& reader) noexcept {
  Rings& r = *rings_;
  std::uint32_t first = 0;
  const std::uint32_t received = ::xsk_ring_cons__peek(&r.rx, kBatch, &first);
  if (received == 0) {
    pollfd ready{.fd = r.fd(), .events = POLLIN, .revents = 0};
    // Also asks the driver for more, where it waits. What could not leave is tried again soon:
    // poll() sends, but does not wake up for it.
    static_cast<void>(::poll(&ready, 1, r.has_unsent() ? 1 : -1));
    return;
  }
  Batch& b = *batch_;
  read_batch(first, received);
  engine_.answer(reader.pin(), std::span(b.exchange).first(b.asked), Transport::kUdp, b.worker);
  reader.unpin();
  send_batch();

  // The frames go back to receive once nobody reads them any more.
  std::uint32_t at = 0;
  CHECK(::xsk_ring_prod__reserve(&r.fill, received, &at) == received);  // it has room for all
  for (std::uint32_t i = 0; i < received; ++i) {
    const std::uint64_t where = ::xsk_ring_cons__rx_desc(&r.rx, first + i)->addr;
    *::xsk_ring_prod__fill_addr(&r.fill, at + i) = where / kFrameOctets * kFrameOctets;
  }
  ::xsk_ring_prod__submit(&r.fill, received);
  ::xsk_ring_cons__release(&r.rx, received);
}

/// Makes an exchange of each frame that holds a query and has a frame for its answer.
void XdpWorker::read_batch(std::uint32_t first, std::size_t received) noexcept {
  Rings& r = *rings_;
  Batch& b = *batch_;
  r.take_back_sent();
  b.asked = 0;
  for (std::uint32_t i = 0; i < received; ++i) {
    const xdp_desc& in = *::xsk_ring_cons__rx_desc(&r.rx, first + i);
    const OctetSpan frame(r.at(in.addr), in.len);
    const Datagram query = read_datagram(frame);
    if (query.head_octets == 0) {
      b.worker.stats.dropped.add();
      continue;
    }
    if (r.free_count == 0) {
      b.worker.stats.send_failed.add();
      continue;
    }
    const std::uint64_t out = r.free_frames[--r.free_count];
    const std::size_t most = std::min(kFrameOctets, kEthernetOctets + mtu_) - query.head_octets;
    b.frame[b.asked] = frame;
    b.query[b.asked] = query;
    b.answer_frame[b.asked] = out;
    b.exchange[b.asked++] = {.message = query.message,
                             .room = {r.at(out) + query.head_octets, most}};
  }
}

void XdpWorker::send_batch() noexcept {
  Rings& r = *rings_;
  Batch& b = *batch_;
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < b.asked; ++i) {
    const std::size_t octets = b.exchange[i].answer_octets;
    if (b.exchange[i].is_handed_over) {
      hand_over(b.frame[i], b.query[i]);
    }
    std::uint32_t at = 0;
    const bool is_full = octets != 0 && ::xsk_ring_prod__reserve(&r.tx, 1, &at) == 0;
    if (is_full) {
      b.worker.stats.send_failed.add();
    }
    if (octets == 0 || is_full) {
      r.free_frames[r.free_count++] = b.answer_frame[i];
      continue;
    }
    const std::span out(r.at(b.answer_frame[i]), kFrameOctets);
    const std::size_t whole = write_answer_heads(b.frame[i], b.query[i], out, octets);
    xdp_desc& desc = *::xsk_ring_prod__tx_desc(&r.tx, at);
    desc.addr = b.answer_frame[i];
    desc.len = static_cast<std::uint32_t>(whole);
    desc.options = 0;
    ++count;
  }
  ::xsk_ring_prod__submit(&r.tx, count);
  r.send();
  requests_.wake();
}

/// Its answer leaves by the kernel, from the socket that would have received the message.
void XdpWorker::hand_over(OctetSpan frame, const Datagram& query) noexcept {
  const DatagramEnds ends = ends_of(frame, query, interface_);
  const SocketAddress asked = SocketAddress::from_system(ends.to);
  const auto found = std::ranges::find_if(sockets_, [&asked](const BoundSocket& at) {
    return at.address.port() == asked.port() && at.address.family() == asked.family() &&
           (at.address.is_wildcard() || equal(at.address.octets(), asked.octets()));
  });
  RequestDatagram* const to = found == sockets_.end() ? nullptr : requests_.begin_push();
  if (to == nullptr) {
    batch_->worker.stats.dropped.add();
    return;
  }
  to->socket = found->socket;
  to->from = ends.from;
  to->from_octets = ends.from.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  to->control_octets = found->address.is_wildcard() ? write_packet_info(ends.to, to->control) : 0;
  to->octets = query.message.size();
  std::ranges::copy(query.message, to->message.begin());
  requests_.end_push();
}

}  // namespace tandem
