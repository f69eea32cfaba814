#include "common/replication/grpc_call.h"

#include <utility>

#include <grpc/grpc_security_constants.h>

#include "common/replication/grpc_reason.h"
#include "common/replication/grpc_settings.h"
#include "common/replication/link_address.h"

namespace tandem {
namespace {

/// From the wish to close, or the peer's, to the end by force.
constexpr std::chrono::milliseconds kLinger{1'000};
/// From dialling to an open stream: several addresses of a name take up to 5 s each.
constexpr std::chrono::milliseconds kOpenWithin{15'000};

constexpr std::size_t kMaxReason = 512;
constexpr std::string_view kClosedByPeer = "closed by the peer";

/// Takes the octets over instead of copying them.
grpc::Slice slice_of(Octets octets) {
  auto owner = std::make_unique<Octets>(std::move(octets));
  Octets* const kept = owner.release();
  return {kept->data(), kept->size(),
          [](void* user_data) { std::unique_ptr<Octets>(static_cast<Octets*>(user_data)).reset(); },
          kept};
}

}  // namespace

// --- both ends -----------------------------------------------------------------------------------

GrpcCall::GrpcCall(GrpcCallShared& shared, GrpcCallOwner& owner) : shared_(shared), owner_(owner) {
  read_.complete = [this](bool ok) { on_read(ok); };
  write_.complete = [this](bool /*ok*/) {  // a write that failed shows as a failed read
    stream_->written();
    settle();
  };
  finish_.complete = [this](bool ok) { on_finish(ok); };
}

void GrpcCall::stop(std::string_view reason) {
  if (stream_) {
    stream_->close(reason);
  } else {
    cancel();
  }
}

void GrpcCall::write(Octets frame) {
  const grpc::Slice slice = slice_of(std::move(frame));
  writer().Write(grpc::ByteBuffer(&slice, 1), write_.tag());
}

void GrpcCall::wake() {
  shared_.loop.post([weak = weak_from_this()] {
    if (const auto call = weak.lock()) {
      call->settle();
    }
  });
}

void* GrpcCall::begin(GrpcOperation& operation) noexcept {
  ++outstanding_;
  return operation.tag();
}

void GrpcCall::open(const grpc::AuthContext& auth, std::string_view peer_uri) {
  // gRPC let the peer in because of its key; which one it was is asked here, and checked again.
  const auto certificates = auth.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  const auto pin =
      certificates.empty()
          ? Result<KeyPin>(fail(Errc::kRefused, "no certificate"))
          : shared_.peers.check({certificates.front().data(), certificates.front().size()});
  if (!pin) {
    cancel();
    return begin_end();
  }
  shared_.loop.cancel(timer_);
  stream_ = std::make_shared<LinkStream>(
      *this, shared_.handler, StreamPeer{*pin, address_of_peer_uri(peer_uri), is_dialled()});
  owner_.call_opened(*stream_);
  stream_->open();
  read_next();
}

void GrpcCall::read_next() {
  reader().Read(&incoming_, begin(read_));
}

void GrpcCall::on_read(bool ok) {
  ended_operation();
  if (!ok) {
    return begin_end();
  }
  grpc::Slice frame;
  if (!incoming_.TrySingleSlice(&frame).ok() && !incoming_.DumpToSingleSlice(&frame).ok()) {
    cancel();
    return begin_end();
  }
  stream_->receive({frame.begin(), frame.size()});
  read_next();
}

void GrpcCall::begin_end() {
  is_ending_ = true;
  settle();
}

void GrpcCall::settle() {
  if (is_finished_) {
    return conclude();
  }
  if (is_ending_) {
    close_when_drained();
    if (!is_finish_started_ && (stream_ == nullptr || stream_->detach())) {
      is_finish_started_ = true;
      start_finish();
    }
    return;
  }
  if (stream_ == nullptr) {
    return;
  }
  switch (stream_->wish()) {
    case StreamWish::kStay:
      return;
    case StreamWish::kClose:
      return close_when_drained();
    case StreamWish::kAbort:
      if (!std::exchange(is_cancelled_, true)) {
        cancel();
      }
      return;
  }
}

void GrpcCall::close_when_drained() {
  if (!std::exchange(is_lingering_, true)) {
    cancel_after(kLinger);
  }
  if (!is_ending_ && stream_->is_drained() && !std::exchange(has_said_goodbye_, true)) {
    say_goodbye();
  }
}

void GrpcCall::cancel_after(std::chrono::milliseconds delay) {
  shared_.loop.cancel(timer_);
  timer_ = shared_.loop.after(delay, [weak = weak_from_this()] {
    if (const auto call = weak.lock()) {
      call->cancel();
    }
  });
}

std::string GrpcCall::own_reason() const {
  return stream_ ? stream_->own_reason() : std::string();
}

void GrpcCall::on_finish(bool ok) {
  ended_operation();
  is_finished_ = true;
  is_finish_sent_ = ok;
  conclude();
}

void GrpcCall::conclude() {
  if (outstanding_ > 0) {
    return;
  }
  shared_.loop.cancel(timer_);
  const std::string own = own_reason();
  const std::string reason = own.empty() ? finish_reason(is_finish_sent_) : own;
  if (stream_) {
    stream_->end(reason);
  }
  owner_.call_ended(*this, reason);
}

// --- the end that was dialled --------------------------------------------------------------------

AcceptedCall::AcceptedCall(GrpcCallShared& shared, GrpcCallOwner& owner,
                           grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue)
    : GrpcCall(shared, owner), service_(service), queue_(queue), io_(&context_) {
  request_.complete = [this](bool ok) { on_request(ok); };
  metadata_.complete = [this](bool ok) { on_metadata(ok); };
}

void AcceptedCall::start() {
  service_.RequestCall(&context_, &io_, &queue_, &queue_, begin(request_));
}

void AcceptedCall::on_request(bool ok) {
  ended_operation();
  if (!ok) {  // the server shuts down
    return owner().call_ended(*this, {});
  }
  is_accepted_ = true;
  owner().call_accepted();
  if (context_.method() != kLinkMethod) {
    refusal_ = grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such method");
    return begin_end();
  }
  io_.SendInitialMetadata(begin(metadata_));
}

void AcceptedCall::on_metadata(bool ok) {
  ended_operation();
  if (!ok) {
    return begin_end();
  }
  open(*context_.auth_context(), context_.peer());
}

void AcceptedCall::cancel() {
  if (is_accepted_) {  // before that there is no call, and the server's shutdown ends the wait
    context_.TryCancel();
  }
}

void AcceptedCall::start_finish() {
  const std::string own = own_reason();
  const grpc::Status status =
      own.empty() ? refusal_ : grpc::Status(grpc::StatusCode::ABORTED, own.substr(0, kMaxReason));
  io_.Finish(status, begin_finish());
}

std::string AcceptedCall::finish_reason(bool is_sent) const {
  return is_sent ? std::string(kClosedByPeer) : std::string("connection lost");
}

// --- the end that dials --------------------------------------------------------------------------

DialledCall::DialledCall(GrpcCallShared& shared, GrpcCallOwner& owner,
                         std::shared_ptr<grpc::Channel> channel)
    : GrpcCall(shared, owner), stub_(std::move(channel)) {
  start_.complete = [this](bool ok) { on_start(ok); };
  metadata_.complete = [this](bool ok) { on_metadata(ok); };
  writes_done_.complete = [this](bool /*ok*/) {
    ended_operation();
    settle();
  };
}

void DialledCall::start() {
  cancel_after(kOpenWithin);
  io_ = stub_.PrepareCall(&context_, kLinkMethod, loop().queue());
  io_->StartCall(begin(start_));
}

void DialledCall::on_start(bool ok) {
  ended_operation();
  if (!ok) {
    return begin_end();
  }
  io_->ReadInitialMetadata(begin(metadata_));
}

void DialledCall::on_metadata(bool ok) {
  ended_operation();
  if (!ok) {
    return begin_end();
  }
  const auto auth = context_.auth_context();
  if (auth == nullptr) {
    cancel();
    return begin_end();
  }
  open(*auth, context_.peer());
}

void DialledCall::start_finish() {
  io_->Finish(&status_, begin_finish());
}

void DialledCall::say_goodbye() {
  io_->WritesDone(begin(writes_done_));
}

std::string DialledCall::finish_reason(bool /*is_sent*/) const {
  if (status_.ok()) {
    return std::string(kClosedByPeer);
  }
  return link_reason(status_.error_message(), is_open() ? LinkPhase::kOpen : LinkPhase::kDialling);
}

}  // namespace tandem
