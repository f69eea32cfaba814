// The echo floor: the least that answering over UDP sockets can cost on a machine. It receives a
// batch, turns each datagram into an answer by setting QR, and sends the batch back, each as it
// came or filled up to a number of octets. A server's CPU per answer is told as a multiple of this
// program's, because the kernel's share of it differs more between machines than servers do.
#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <sys/socket.h>

#include "bench/load/loopback.h"
#include "common/base/unique_fd.h"

namespace tandem::bench {
namespace {

// As many at once as the server under test takes (common/net/udp_worker.cc), so that both pay the
// same system calls.
constexpr std::size_t kBatch = 64;
// Not a power of two apart, or all datagrams would begin in the same few sets of the caches.
constexpr std::size_t kOctets = 2048 + 64;

struct Batch {
  std::array<std::array<std::uint8_t, kOctets>, kBatch> datagram{};
  std::array<mmsghdr, kBatch> header{};
  std::array<iovec, kBatch> vector{};
  std::array<sockaddr_storage, kBatch> from{};
};

void prepare(Batch& batch) {
  for (std::size_t i = 0; i < kBatch; ++i) {
    batch.vector[i] = {batch.datagram[i].data(), kOctets};
    msghdr& header = batch.header[i].msg_hdr;
    header.msg_iov = &batch.vector[i];
    header.msg_iovlen = 1;
    header.msg_name = &batch.from[i];
    header.msg_namelen = sizeof batch.from[i];
  }
}

/// `octets`: of each answer; 0: those of its query.
void send_back(int socket, Batch& batch, std::size_t count, std::size_t octets) {
  for (std::size_t i = 0; i < count; ++i) {
    batch.datagram[i][2] |= 0x80U;
    batch.vector[i].iov_len = octets != 0 ? octets : batch.header[i].msg_len;
  }
  std::size_t sent = 0;
  while (sent < count) {
    const int now =
        ::sendmmsg(socket, batch.header.data() + sent, static_cast<unsigned>(count - sent), 0);
    sent += now > 0 ? static_cast<std::size_t>(now) : 1;  // what cannot be sent is passed over
  }
}

[[noreturn]] void run(int socket, std::size_t octets) {
  const auto batch = std::make_unique<Batch>();
  while (true) {
    prepare(*batch);
    const int received = ::recvmmsg(socket, batch->header.data(), kBatch, MSG_WAITFORONE, nullptr);
    if (received > 0) {
      send_back(socket, *batch, static_cast<std::size_t>(received), octets);
    }
  }
}

}  // namespace
}  // namespace tandem::bench

int main(int count, char** words) {
  const std::size_t octets = count == 3 ? std::strtoul(words[2], nullptr, 10) : 0;
  if (count < 2 || count > 3 || octets > tandem::bench::kOctets) {
    std::fputs("usage: bench-udp-echo PORT [OCTETS]: answers on 127.0.0.1 until it is killed\n",
               stderr);
    return 2;
  }
  const tandem::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = tandem::bench::loopback(words[1]);
  tandem::bench::widen_buffers(socket.get());
  if (!tandem::bench::bind_to(socket.get(), address)) {
    std::perror("bind");
    return 1;
  }
  tandem::bench::run(socket.get(), octets);
}
