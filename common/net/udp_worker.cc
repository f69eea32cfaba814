#include "common/net/udp_worker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/net/packet_info.h"

namespace tandem {
namespace {

// Large enough that the two system calls of a batch vanish in the cost per answer, small enough
// that the last query of a full batch does not wait long behind the others.
constexpr std::size_t kBatch = 64;
// A query is short, but may be padded (RFC 7830) or come with options that nobody knows; more than
// we advertise (RFC 6891 s6.2.5) is not looked at.
constexpr std::size_t kMessageOctets = kMaxUdpPayload;
// Messages begin in different sets of the caches: at a distance of a page they would all begin in
// the same one and push each other out.
constexpr std::size_t kMessageStride = kMessageOctets + 64;

bool has_port(const sockaddr_storage& from) noexcept {
  sockaddr_in v4{};  // the port stands at the same place in both families
  std::memcpy(&v4, &from, sizeof v4);
  return v4.sin_port != 0;
}

}  // namespace

struct UdpWorker::Batch {
  alignas(64) std::array<std::array<std::uint8_t, kMessageStride>, kBatch> received;
  alignas(64) std::array<std::array<std::uint8_t, kMessageStride>, kBatch> answers;
  std::array<mmsghdr, kBatch> in{};
  std::array<mmsghdr, kBatch> out{};
  std::array<iovec, kBatch> in_vector{};
  std::array<iovec, kBatch> out_vector{};
  std::array<sockaddr_storage, kBatch> from{};
  std::array<QueryEngine::Exchange, kBatch> exchange;
  std::array<std::size_t, kBatch> place;  // among `in`, of each exchange
  alignas(cmsghdr) std::array<std::array<std::uint8_t, kPacketInfoOctets>, kBatch> control;
  QueryEngine::Worker worker;
};

UdpWorker::UdpWorker(UniqueFd socket, UdpWorkerOptions options, const QueryEngine& engine,
                     SnapshotCell<Catalog>& catalog, RequestRing& requests)
    : socket_(std::move(socket)),
      options_(options),
      engine_(engine),
      catalog_(catalog),
      requests_(requests),
      batch_(std::make_unique<Batch>()) {}

UdpWorker::~UdpWorker() = default;

const WorkerStats& UdpWorker::stats() const noexcept {
  return batch_->worker.stats;
}

void UdpWorker::start() {
  Batch& b = *batch_;
  for (std::size_t i = 0; i < kBatch; ++i) {
    b.in_vector[i] = {b.received[i].data(), kMessageOctets};
    b.in[i].msg_hdr.msg_iov = &b.in_vector[i];
    b.in[i].msg_hdr.msg_iovlen = 1;
    b.in[i].msg_hdr.msg_name = &b.from[i];
    b.out[i].msg_hdr.msg_iov = &b.out_vector[i];
    b.out[i].msg_hdr.msg_iovlen = 1;
  }
  thread_.start(options_.cpu, [this, reader = catalog_.reader()]() mutable { turn(reader); });
}

void UdpWorker::turn(SnapshotCell<Catalog>::Reader& reader) noexcept {
  Batch& b = *batch_;
  for (std::size_t i = 0; i < kBatch; ++i) {
    b.in[i].msg_hdr.msg_namelen = sizeof b.from[i];
    if (options_.reports_destination) {
      b.in[i].msg_hdr.msg_control = b.control[i].data();
      b.in[i].msg_hdr.msg_controllen = kPacketInfoOctets;
    }
  }
  const int received = ::recvmmsg(socket_.get(), b.in.data(), kBatch, MSG_WAITFORONE, nullptr);
  if (received <= 0) {
    return;  // interrupted, or an ICMP error of an earlier answer
  }
  answer_batch(static_cast<std::size_t>(received), reader.pin());
  reader.unpin();  // before blocking again: an idle worker must not keep an old zone
}

void UdpWorker::answer_batch(std::size_t received, const Catalog& catalog) noexcept {
  Batch& b = *batch_;
  std::size_t asked = 0;
  for (std::size_t i = 0; i < received; ++i) {
    const bool is_cut = (b.in[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
    if (is_cut || !has_port(b.from[i])) {
      b.worker.stats.dropped.add();  // not all of it is here; nobody can have asked from port 0
      continue;
    }
    b.exchange[asked] = {.message = {b.received[i].data(), b.in[i].msg_len},
                         .room = std::span(b.answers[asked]).first(kMessageOctets)};
    b.place[asked++] = i;
  }
  engine_.answer(catalog, std::span(b.exchange).first(asked), Transport::kUdp, b.worker);
  std::size_t count = 0;
  for (std::size_t at = 0; at < asked; ++at) {
    const QueryEngine::Exchange& exchange = b.exchange[at];
    const std::size_t i = b.place[at];
    if (exchange.is_handed_over) {
      hand_over(exchange.message, i);
    }
    if (exchange.answer_octets == 0) {
      continue;
    }
    b.out_vector[count] = {exchange.room.data(), exchange.answer_octets};
    msghdr& header = b.out[count].msg_hdr;
    header.msg_name = &b.from[i];
    header.msg_namelen = b.in[i].msg_hdr.msg_namelen;
    if (options_.reports_destination) {
      header.msg_control = b.in[i].msg_hdr.msg_control;
      header.msg_controllen = b.in[i].msg_hdr.msg_controllen;
      turn_around(header);
    }
    ++count;
  }
  requests_.wake();
  send_batch(count);
}

void UdpWorker::hand_over(OctetSpan message, std::size_t place) noexcept {
  Batch& b = *batch_;
  RequestDatagram* const to = requests_.begin_push();
  if (to == nullptr) {
    b.worker.stats.dropped.add();
    return;
  }
  msghdr& header = b.in[place].msg_hdr;
  to->socket = socket_.get();
  to->from = b.from[place];
  to->from_octets = header.msg_namelen;
  to->control_octets = 0;
  if (options_.reports_destination) {
    turn_around(header);
    to->control = b.control[place];
    to->control_octets = header.msg_controllen;
  }
  to->octets = message.size();
  std::ranges::copy(message, to->message.begin());
  requests_.end_push();
}

void UdpWorker::send_batch(std::size_t count) noexcept {
  Batch& b = *batch_;
  std::size_t sent = 0;
  while (sent < count) {
    const int now =
        ::sendmmsg(socket_.get(), b.out.data() + sent, static_cast<unsigned>(count - sent), 0);
    if (now > 0) {
      sent += static_cast<std::size_t>(now);
    } else if (errno != EINTR) {
      b.worker.stats.send_failed.add();  // this one cannot be sent; the rest can
      ++sent;
    }
  }
}

}  // namespace tandem
