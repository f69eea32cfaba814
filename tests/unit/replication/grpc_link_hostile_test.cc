// A peer with the right key that does not keep to the protocol. 3 s.
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "common/replication/grpc_settings.h"
#include "common/replication/grpc_tls.h"
#include "tests/unit/replication/link_pair.h"

namespace tandem::testing {
namespace {

/// gRPC without our link above it.
class RawClient {
 public:
  RawClient(const std::string& address, const NodeKey& key, const KeyPin& server)
      : channel_(grpc::CreateCustomChannel(
            "ipv4:" + address,
            link_channel_credentials(key,
                                     std::make_shared<PinnedPeers>(std::vector<KeyPin>{server})),
            arguments())),
        stub_(channel_) {}

  ~RawClient() {
    context_.TryCancel();
    if (call_) {
      finish();
    }
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool start(const std::string& method = kLinkMethod) {
    call_ = stub_.PrepareCall(&context_, method, &queue_);
    call_->StartCall(this);
    return next();
  }

  bool write(const std::string& octets) {
    const grpc::Slice slice(octets);
    call_->Write(grpc::ByteBuffer(&slice, 1), this);
    return next();
  }

  /// Waits for the server to end the call.
  grpc::Status finish() {
    call_->Finish(&status_, this);
    next();
    call_.reset();
    return status_;
  }

 private:
  static grpc::ChannelArguments arguments() {
    grpc::ChannelArguments out = link_channel_arguments();
    out.SetMaxSendMessageSize(-1);
    return out;
  }

  bool next() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  grpc::Status status_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

class HostilePeer : public ::testing::Test {
 protected:
  LinkEnd listener;
  NodeKey key = new_node_key();
  const std::string address = listener.listen(key.pin);
  RawClient client{address, key, listener.key.pin};
};

TEST_F(HostilePeer, IsServedWhenItBehaves) {
  ASSERT_TRUE(client.start());
  ASSERT_TRUE(client.write(std::string(as_text(encode_frame(ByeFrame{"hello"})))));
  ASSERT_TRUE(listener.handler.wait_frames(1));
  EXPECT_EQ(listener.handler.stream().frames.front(), Frame(ByeFrame{"hello"}));
}

TEST_F(HostilePeer, IsCutOffForWhatIsNoFrame) {
  ASSERT_TRUE(client.start());
  client.write("not a frame");
  EXPECT_TRUE(listener.handler.wait_closed().starts_with("peer sent "));
}

TEST_F(HostilePeer, IsCutOffForAnEmptyMessage) {
  ASSERT_TRUE(client.start());
  client.write("");
  EXPECT_TRUE(listener.handler.wait_closed().starts_with("peer sent "));
}

TEST_F(HostilePeer, IsCutOffForAFrameJustOverTheLimit) {
  ASSERT_TRUE(client.start());
  client.write(std::string(kMaxFrameOctets + 1, 'x'));
  EXPECT_EQ(listener.handler.wait_closed(),
            "peer sent a frame of 4194305 octets, the limit is 4194304");
}

TEST_F(HostilePeer, IsCutOffForAMessageFarOverTheLimit) {
  ASSERT_TRUE(client.start());
  client.write(std::string(2 * kMaxFrameOctets, 'x'));
  EXPECT_NE(listener.handler.wait_closed(), "still open");
  EXPECT_TRUE(listener.handler.stream().frames.empty());
}

TEST_F(HostilePeer, FindsNoOtherMethod) {
  ASSERT_TRUE(client.start("/tandem.v1.Link/Other"));
  EXPECT_EQ(client.finish().error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(listener.handler.stream_count(), 0U);
}

}  // namespace
}  // namespace tandem::testing
