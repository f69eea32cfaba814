#include "common/net/xdp_program.h"

#include <cerrno>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <string_view>
#include <system_error>
#include <vector>

#include <bpf/bpf.h>

#include "common/net/xdp_filter.h"

namespace tandem {
namespace {

/// What libbpf returns: a descriptor, or a negative errno.
Result<UniqueFd> checked(int fd, std::string_view what) {
  if (fd == -EPERM) {
    return fail(Errc::kIo, "{}: not permitted; it needs CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF",
                what);
  }
  if (fd < 0) {
    return fail(Errc::kIo, "{}: {}", what, std::generic_category().message(-fd));
  }
  return UniqueFd(fd);
}

}  // namespace

Result<XdpProgram> XdpProgram::attach(unsigned interface, std::span<const SocketAddress> addresses,
                                      std::size_t queues) {
  XdpProgram program;
  program.sockets_ = TRY(
      checked(::bpf_map_create(BPF_MAP_TYPE_XSKMAP, "tandem_queues", sizeof(std::uint32_t),
                               sizeof(std::int32_t), static_cast<std::uint32_t>(queues), nullptr),
              "cannot make the map of queues"));
  const std::vector<bpf_insn> code = TRY(filter_for(addresses, program.sockets_.get()));
  program.program_ = TRY(checked(::bpf_prog_load(BPF_PROG_TYPE_XDP, "tandem_dns", "Apache-2.0",
                                                 code.data(), code.size(), nullptr),
                                 "cannot load the filter"));
  bpf_link_create_opts options{};
  options.sz = sizeof options;
  options.flags = XDP_FLAGS_DRV_MODE;
  const auto link = [&] {
    return ::bpf_link_create(program.program_.get(), static_cast<int>(interface), BPF_XDP,
                             &options);
  };
  int fd = link();
  program.is_in_driver_ = fd >= 0;
  if (fd < 0) {
    options.flags = XDP_FLAGS_SKB_MODE;
    fd = link();
  }
  program.link_ = TRY(checked(fd, fd == -EBUSY || fd == -EEXIST
                                      ? "another filter is on the interface, see `ip link`"
                                      : "cannot put the filter on the interface"));
  return program;
}

Status XdpProgram::serve(std::uint32_t queue, int socket) {
  const int result = ::bpf_map_update_elem(sockets_.get(), &queue, &socket, BPF_ANY);
  if (result < 0) {
    return fail(Errc::kIo, "cannot give queue {} its socket: {}", queue,
                std::generic_category().message(-result));
  }
  return {};
}

}  // namespace tandem
