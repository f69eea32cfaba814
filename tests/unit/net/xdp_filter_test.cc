// The filter as instructions; what it does with frames is in tests/cluster/xdp_*_test.py.
#include "common/net/xdp_filter.h"

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

namespace tandem {
namespace {

constexpr int kSockets = 7;

std::vector<SocketAddress> addresses(std::size_t count, const char* text) {
  return {count, SocketAddress::from_text(text).value()};
}

bool is_jump(const bpf_insn& instruction) {
  const unsigned kind = BPF_CLASS(instruction.code);
  const unsigned operation = BPF_OP(instruction.code);
  return (kind == BPF_JMP || kind == BPF_JMP32) && operation != BPF_CALL && operation != BPF_EXIT;
}

TEST(XdpFilter, EachJumpLeadsForwardToAnInstruction) {
  for (const char* const text : {"192.0.2.1:53", "[2001:db8::1]:53"}) {
    const auto code = filter_for(addresses(2900, text), kSockets);
    ASSERT_TRUE(code) << code.error().detail;
    for (std::size_t i = 0; i < code->size(); ++i) {
      if (is_jump((*code)[i])) {
        ASSERT_GT((*code)[i].off, 0) << i;  // 0 would be a place that was never given
        ASSERT_LT(i + 1 + static_cast<std::size_t>((*code)[i].off), code->size()) << i;
      }
    }
  }
}

TEST(XdpFilter, MoreAddressesThanJumpsReachAreRefused) {
  for (const char* const text : {"192.0.2.1:53", "[2001:db8::1]:53"}) {
    const auto code = filter_for(addresses(7000, text), kSockets);
    ASSERT_FALSE(code);
    EXPECT_EQ(code.error().code, Errc::kTooLarge);
    EXPECT_EQ(code.error().detail,
              "7000 addresses to listen on are more than a filter has room for");
  }
}

TEST(XdpFilter, WithoutAnAddressThereIsNothingToTake) {
  const auto code = filter_for({}, kSockets);
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().code, Errc::kInvalid);
}

}  // namespace
}  // namespace tandem
