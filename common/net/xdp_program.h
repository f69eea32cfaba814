// The filter (xdp_filter.h) on a network interface: made for the addresses at hand, loaded and put
// there through libbpf. One thread (the one that starts the node); the kernel runs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/net/address.h"

namespace tandem {

class XdpProgram {
 public:
  /// Puts a filter for `addresses`, none of them a wildcard, on the interface: in its driver where
  /// that can, else behind it. It goes when this object does, also when the process is killed.
  /// Fails: kInvalid, kTooLarge as filter_for(); kIo with the kernel's reason.
  static Result<XdpProgram> attach(unsigned interface, std::span<const SocketAddress> addresses,
                                   std::size_t queues);

  /// From now on what comes by `queue` goes to the XDP socket; what comes by a queue without one
  /// goes on to the kernel.
  Status serve(std::uint32_t queue, int socket);

  [[nodiscard]] bool is_in_driver() const noexcept { return is_in_driver_; }

 private:
  XdpProgram() = default;

  UniqueFd sockets_;  // a map: queue to XDP socket
  UniqueFd program_;
  UniqueFd link_;
  bool is_in_driver_ = false;
};

}  // namespace tandem
