// The instructions (eBPF) of the filter in front of the kernel's network stack: UDP to our
// addresses and port goes to the XDP sockets, everything else on as ever. Pure: asks no kernel.
#pragma once

#include <linux/bpf.h>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/net/address.h"

namespace tandem {

/// The filter for `addresses`, none of them a wildcard. `sockets`: the descriptor of the map from
/// queue to XDP socket; a frame that comes by a queue without one, or that has more octets than a
/// place for it, goes on to the kernel. Fails: kInvalid without an address; kTooLarge with about
/// 3000 of IPv6 or 6500 of IPv4, more than a jump can pass over.
Result<std::vector<bpf_insn>> filter_for(std::span<const SocketAddress> addresses, int sockets);

}  // namespace tandem
