#include "common/net/xdp_filter.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <netinet/in.h>

#include "common/net/xdp_packet.h"

namespace tandem {
namespace {

/// A value as the program sees it: loads from a packet are in the packet's order.
std::int32_t in_packet_order(std::uint32_t value) noexcept {
  return static_cast<std::int32_t>(htonl(value));
}

std::int32_t in_packet_order(std::uint16_t value) noexcept {
  return htons(value);
}

/// eBPF of the one form that this filter needs: loads, comparisons that jump forward, a call.
class Assembler {
 public:
  enum Register : std::uint8_t { kResult, kA1, kA2, kA3, kPacket, kValue, kContext };

  enum Label : std::uint8_t { kPass, kTake, kNext, kIp6, kLabels };

  void load(Register to, Register from, int size, std::int16_t offset) {
    put(BPF_LDX | BPF_MEM | size, to, from, offset, 0);
  }

  void copy(Register to, Register from) { put(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0); }

  void operate(int operation, Register on, std::int32_t value) {
    put(BPF_ALU64 | operation | BPF_K, on, 0, 0, value);
  }

  /// Compares 32 bits with a constant.
  void jump_if(int comparison, Register left, std::int32_t right, Label to) {
    fixups_[to].push_back(code_.size());
    put(BPF_JMP32 | comparison | BPF_K, left, 0, 0, right);
  }

  void jump_if_greater(Register left, Register right, Label to) {
    fixups_[to].push_back(code_.size());
    put(BPF_JMP | BPF_JGT | BPF_X, left, right, 0, 0);
  }

  void jump(Label to) {
    fixups_[to].push_back(code_.size());
    put(BPF_JMP | BPF_JA, kResult, 0, 0, 0);
  }

  /// All jumps so far to `label` lead here.
  void place(Label label) {
    for (const std::size_t from : fixups_[label]) {
      const std::size_t distance = code_.size() - from - 1;
      is_in_reach_ = is_in_reach_ && distance <= std::numeric_limits<std::int16_t>::max();
      code_[from].off = static_cast<std::int16_t>(distance);
    }
    fixups_[label].clear();
  }

  void load_map(Register to, int map) {
    put(BPF_LD | BPF_DW | BPF_IMM, to, BPF_PSEUDO_MAP_FD, 0, map);
    put(0, kResult, 0, 0, 0);  // its upper half
  }

  void call(std::int32_t function) { put(BPF_JMP | BPF_CALL, kResult, 0, 0, function); }

  void exit() { put(BPF_JMP | BPF_EXIT, kResult, 0, 0, 0); }

  [[nodiscard]] const std::vector<bpf_insn>& code() const noexcept { return code_; }

  /// Whether each jump so far leads where it should: it has 16 bits to say how far.
  [[nodiscard]] bool is_in_reach() const noexcept { return is_in_reach_; }

 private:
  void put(int code, Register to, std::uint8_t from, std::int16_t offset, std::int32_t value) {
    bpf_insn instruction{};
    instruction.code = static_cast<std::uint8_t>(code);
    instruction.dst_reg = to & 0xfU;
    instruction.src_reg = from & 0xfU;
    instruction.off = offset;
    instruction.imm = value;
    code_.push_back(instruction);
  }

  std::vector<bpf_insn> code_;
  std::array<std::vector<std::size_t>, kLabels> fixups_;
  bool is_in_reach_ = true;
};

using A = Assembler;

/// Where the heads are in a frame with plain Ethernet and no options.
enum Offset : std::int16_t {
  kEtherType = 12,
  kVersion = kEthernetOctets,
  kFragment = kEthernetOctets + 6,
  kProtocol4 = kEthernetOctets + 9,
  kDestination4 = kEthernetOctets + 16,
  kPort4 = kEthernetOctets + kIp4Octets + 2,
  kEnd4 = kUdp4HeadOctets,
  kProtocol6 = kEthernetOctets + 6,
  kDestination6 = kEthernetOctets + 24,
  kPort6 = kEthernetOctets + kIp6Octets + 2,
  kEnd6 = kUdp6HeadOctets,
};

/// Leaves in kValue where `octets` of the frame end, in kA3 where all of it ends.
void load_ends(A& a, std::int32_t octets) {
  a.load(A::kA3, A::kContext, BPF_W, offsetof(xdp_md, data_end));
  a.copy(A::kValue, A::kPacket);
  a.operate(BPF_ADD, A::kValue, octets);
}

/// Goes on to kPass unless the frame has `octets`.
void need_octets(A& a, std::int32_t octets) {
  load_ends(a, octets);
  a.jump_if_greater(A::kValue, A::kA3, A::kPass);
}

/// Goes on to kPass when the frame has more octets than a place for one.
void need_room(A& a) {
  load_ends(a, static_cast<std::int32_t>(kMostReceivedOctets));
  a.jump_if_greater(A::kA3, A::kValue, A::kPass);
}

/// Goes on to kTake when destination and port are those of `address`.
void match(A& a, const SocketAddress& address, std::int16_t destination, std::int16_t port) {
  const auto need = [&a](int size, std::int16_t at, std::int32_t value) {
    a.load(A::kValue, A::kPacket, size, at);
    a.jump_if(BPF_JNE, A::kValue, value, A::kNext);
  };
  need(BPF_H, port, in_packet_order(address.port()));
  const OctetSpan octets = address.octets();
  for (std::size_t at = 0; at < octets.size(); at += 4) {
    need(BPF_W, static_cast<std::int16_t>(destination + static_cast<std::int16_t>(at)),
         in_packet_order(load_be32(octets.data() + at)));
  }
  a.jump(A::kTake);
  a.place(A::kNext);
}

/// Goes on to kTake when the frame is for one of `addresses` in that family, else to kPass.
void match_any(A& a, std::span<const SocketAddress> addresses, sa_family_t family) {
  const bool is_ip4 = family == AF_INET;
  for (const SocketAddress& address : addresses) {
    if (address.family() == family) {
      match(a, address, is_ip4 ? kDestination4 : kDestination6, is_ip4 ? kPort4 : kPort6);
    }
  }
  a.jump(A::kPass);
}

}  // namespace

Result<std::vector<bpf_insn>> filter_for(std::span<const SocketAddress> addresses, int sockets) {
  if (addresses.empty()) {
    return fail(Errc::kInvalid,
                "none of the addresses to listen on can be reached through this interface "
                "(loopback addresses never can)");
  }
  A a;
  const auto pass_unless = [&a](int size, std::int16_t at, std::int32_t value) {
    a.load(A::kValue, A::kPacket, size, at);
    a.jump_if(BPF_JNE, A::kValue, value, A::kPass);
  };
  a.copy(A::kContext, A::kA1);
  a.load(A::kPacket, A::kContext, BPF_W, offsetof(xdp_md, data));
  need_room(a);
  need_octets(a, kEnd4);
  a.load(A::kValue, A::kPacket, BPF_H, kEtherType);
  a.jump_if(BPF_JEQ, A::kValue, in_packet_order(kEtherTypeIp6), A::kIp6);
  a.jump_if(BPF_JNE, A::kValue, in_packet_order(kEtherTypeIp4), A::kPass);
  pass_unless(BPF_B, kVersion, kVersionAndHead4);
  pass_unless(BPF_B, kProtocol4, IPPROTO_UDP);
  a.load(A::kValue, A::kPacket, BPF_H, kFragment);
  a.operate(BPF_AND, A::kValue, in_packet_order(kFragmentBits4));
  a.jump_if(BPF_JNE, A::kValue, 0, A::kPass);
  match_any(a, addresses, AF_INET);

  a.place(A::kIp6);
  need_octets(a, kEnd6);
  pass_unless(BPF_B, kProtocol6, IPPROTO_UDP);
  match_any(a, addresses, AF_INET6);

  a.place(A::kTake);
  a.load(A::kA2, A::kContext, BPF_W, offsetof(xdp_md, rx_queue_index));
  a.load_map(A::kA1, sockets);
  a.operate(BPF_MOV, A::kA3, XDP_PASS);  // what happens where no socket serves the queue
  a.call(BPF_FUNC_redirect_map);
  a.exit();
  a.place(A::kPass);
  a.operate(BPF_MOV, A::kResult, XDP_PASS);
  a.exit();
  if (!a.is_in_reach()) {
    return fail(Errc::kTooLarge, "{} addresses to listen on are more than a filter has room for",
                addresses.size());
  }
  return a.code();
}

}  // namespace tandem
