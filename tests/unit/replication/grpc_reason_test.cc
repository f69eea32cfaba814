// gRPC 1.51's messages, as they were seen.
#include "common/replication/grpc_reason.h"

#include <gtest/gtest.h>

namespace tandem::testing {
namespace {

struct Row {
  std::string message;
  LinkPhase phase;
  std::string says;
};

class LinkReason : public ::testing::TestWithParam<Row> {};

TEST_P(LinkReason, SaysWhatHappened) {
  EXPECT_EQ(link_reason(GetParam().message, GetParam().phase), GetParam().says);
}

const std::string kAll = "failed to connect to all addresses; last error: ";
const std::string kTurnedAway =
    "closed by the other side in the handshake; does it pin this node's key?";

INSTANTIATE_TEST_SUITE_P(
    Grpc, LinkReason,
    ::testing::Values(
        Row{kAll +
                "UNKNOWN: ipv4:127.0.0.1:1: Failed to connect to remote host: Connection refused",
            LinkPhase::kDialling, "connection refused: nothing listens there"},
        Row{kAll + "UNAVAILABLE: ipv4:127.0.0.1:1: Socket closed", LinkPhase::kDialling,
            kTurnedAway},
        Row{kAll + "UNAVAILABLE: ipv4:127.0.0.1:1: recvmsg:Connection reset by peer",
            LinkPhase::kDialling, kTurnedAway},
        Row{kAll + "UNKNOWN: ipv4:10.99.0.3:1: tcp handshaker shutdown", LinkPhase::kDialling,
            "no answer within 5 s"},
        Row{kAll + "UNKNOWN: ipv4:127.0.0.1:1: Custom verification check failed with error: "
                   "UNAUTHENTICATED: key SHA256:x of the other side is not pinned here",
            LinkPhase::kDialling, "key SHA256:x of the other side is not pinned here"},
        Row{"DNS resolution failed for x:1: UNKNOWN: Name or service not known",
            LinkPhase::kDialling,
            "DNS resolution failed for x:1: UNKNOWN: Name or service not known"},
        Row{"Socket closed", LinkPhase::kOpen, "connection lost"},
        Row{"keepalive watchdog timeout", LinkPhase::kOpen, "connection lost: the peer is silent"},
        Row{"role\nchanged", LinkPhase::kOpen, "role?changed"}));

TEST(LinkReason, IsCutToASensibleLength) {
  EXPECT_EQ(link_reason(std::string(5'000, 'x'), LinkPhase::kOpen).size(), 512U);
}

}  // namespace
}  // namespace tandem::testing
