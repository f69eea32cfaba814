// One gRPC call, which is one stream of the link: its life from the first operation to the last,
// for the end that was dialled and for the end that dials. Internal to common/replication: sees
// gRPC's headers.
//
// Life: start, handshake of the call, LinkStream::open, reads one after the other, and the end: a
// failed read, then, when no write is outstanding, Finish, then on_close, then the owner lets go.
// Threads: everything on the loop's thread but write() and wake().
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <grpcpp/channel.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/auth_context.h>

#include "common/replication/grpc_loop.h"
#include "common/replication/grpc_tls.h"
#include "common/replication/link_stream.h"

namespace tandem {

class GrpcCall;

class GrpcCallOwner {
 public:
  GrpcCallOwner() = default;
  GrpcCallOwner(const GrpcCallOwner&) = delete;
  GrpcCallOwner& operator=(const GrpcCallOwner&) = delete;
  virtual ~GrpcCallOwner() = default;

  /// The call that waited for a peer has one.
  virtual void call_accepted() = 0;
  virtual void call_opened(const LinkStream& stream) = 0;
  /// The last sign of `call`, which the owner now drops.
  virtual void call_ended(GrpcCall& call, std::string_view reason) = 0;
};

/// What every call of one link shares; outlives them.
struct GrpcCallShared {
  GrpcLoop& loop;
  LinkHandler& handler;
  const PinnedPeers& peers;
};

class GrpcCall : public LinkWire, public std::enable_shared_from_this<GrpcCall> {
 public:
  GrpcCall(GrpcCallShared& shared, GrpcCallOwner& owner);

  virtual void start() = 0;
  /// Ends the call, politely where there is a stream.
  void stop(std::string_view reason);

  void write(Octets frame) final;
  void wake() final;

 protected:
  using Reader = grpc::internal::AsyncReaderInterface<grpc::ByteBuffer>;
  using Writer = grpc::internal::AsyncWriterInterface<grpc::ByteBuffer>;

  virtual Reader& reader() = 0;
  virtual Writer& writer() = 0;
  virtual void cancel() = 0;
  virtual void start_finish() = 0;
  [[nodiscard]] virtual bool is_dialled() const noexcept = 0;
  /// Nothing more will be written by us.
  virtual void say_goodbye() = 0;
  /// Why the call ended; `is_sent`: Finish reached the network.
  [[nodiscard]] virtual std::string finish_reason(bool is_sent) const = 0;

  [[nodiscard]] GrpcLoop& loop() const noexcept { return shared_.loop; }

  [[nodiscard]] GrpcCallOwner& owner() const noexcept { return owner_; }

  /// Counts an operation that is about to start and gives its tag.
  void* begin(GrpcOperation& operation) noexcept;

  void* begin_finish() noexcept { return begin(finish_); }

  /// The operation's result is in. Called first in each completion but that of a write.
  void ended_operation() noexcept { --outstanding_; }

  /// Makes the stream, if the peer's key is pinned, and reads.
  void open(const grpc::AuthContext& auth, std::string_view peer_uri);
  void begin_end();
  /// Does what the state asks for next; harmless to call too often.
  void settle();
  [[nodiscard]] std::string own_reason() const;

  [[nodiscard]] bool is_open() const noexcept { return stream_ != nullptr; }

  void cancel_after(std::chrono::milliseconds delay);

 private:
  void read_next();
  void on_read(bool ok);
  void on_finish(bool ok);
  void conclude();
  void close_when_drained();

  GrpcCallShared& shared_;
  GrpcCallOwner& owner_;
  std::shared_ptr<LinkStream> stream_;
  grpc::ByteBuffer incoming_;
  GrpcOperation finish_;
  GrpcOperation read_;
  GrpcOperation write_;
  int outstanding_ = 0;  // operations but writes, which the stream knows of
  GrpcLoop::TimerId timer_ = 0;
  bool is_lingering_ = false;
  bool has_said_goodbye_ = false;
  bool is_cancelled_ = false;
  bool is_ending_ = false;
  bool is_finish_started_ = false;
  bool is_finished_ = false;
  bool is_finish_sent_ = false;
};

/// Waits for one peer to call.
class AcceptedCall final : public GrpcCall {
 public:
  AcceptedCall(GrpcCallShared& shared, GrpcCallOwner& owner, grpc::AsyncGenericService& service,
               grpc::ServerCompletionQueue& queue);
  void start() override;

 private:
  Reader& reader() override { return io_; }

  Writer& writer() override { return io_; }

  void cancel() override;
  void start_finish() override;

  [[nodiscard]] bool is_dialled() const noexcept override { return false; }

  void say_goodbye() override { begin_end(); }

  [[nodiscard]] std::string finish_reason(bool is_sent) const override;
  void on_request(bool ok);
  void on_metadata(bool ok);

  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter io_;
  GrpcOperation request_;
  GrpcOperation metadata_;
  grpc::Status refusal_;
  bool is_accepted_ = false;
};

/// Calls one peer, once.
class DialledCall final : public GrpcCall {
 public:
  DialledCall(GrpcCallShared& shared, GrpcCallOwner& owner, std::shared_ptr<grpc::Channel> channel);
  void start() override;

 private:
  Reader& reader() override { return *io_; }

  Writer& writer() override { return *io_; }

  void cancel() override { context_.TryCancel(); }

  [[nodiscard]] bool is_dialled() const noexcept override { return true; }

  void start_finish() override;
  void say_goodbye() override;
  [[nodiscard]] std::string finish_reason(bool is_sent) const override;
  void on_start(bool ok);
  void on_metadata(bool ok);

  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> io_;  // in the arena of context_'s call
  GrpcOperation start_;
  GrpcOperation metadata_;
  GrpcOperation writes_done_;
  grpc::Status status_;
};

}  // namespace tandem
