#include "common/replication/grpc_dialler.h"

#include <algorithm>
#include <utility>

#include <grpcpp/create_channel.h>

#include "common/base/logging.h"
#include "common/base/random.h"
#include "common/replication/grpc_settings.h"

namespace tandem {
namespace {

/// A stream that lived this long was a good one: the next pause is the shortest again. One that the
/// peer's role ends at once is not, or two nodes that cannot agree would dial each other without a
/// rest.
constexpr std::chrono::milliseconds kGoodStream{5'000};

}  // namespace

GrpcDialler::GrpcDialler(GrpcCallShared& shared, Target target, std::function<void()> when_idle)
    : shared_(shared),
      target_(std::move(target)),
      when_idle_(std::move(when_idle)),
      pause_(target_.redial_min),
      state_(DialState{.address = target_.text, .last_error = {}}) {}

void GrpcDialler::dial() {
  if (is_stopped_) {
    return;
  }
  // A new channel each time: names are resolved anew, and the pauses are ours and not gRPC's.
  auto channel = grpc::CreateCustomChannel(grpc_target(target_.address), target_.credentials,
                                           link_channel_arguments());
  call_ = std::make_shared<DialledCall>(shared_, *this, std::move(channel));
  call_->start();
}

void GrpcDialler::stop(std::string_view reason) {
  is_stopped_ = true;
  shared_.loop.cancel(timer_);
  if (call_) {
    call_->stop(reason);
  }
}

DialState GrpcDialler::state() const {
  return *state_.lock();
}

void GrpcDialler::call_opened(const LinkStream& stream) {
  {
    auto state = state_.lock();
    state->connected = true;
    state->last_error.clear();
  }
  log_info("link connected dialled={} peer={}", target_.text, stream.address());
  timer_ = shared_.loop.after(kGoodStream, [this] { pause_ = target_.redial_min; });
}

void GrpcDialler::call_ended(GrpcCall& /*call*/, std::string_view reason) {
  shared_.loop.cancel(timer_);
  {
    auto state = state_.lock();
    if (state->connected || state->last_error != reason) {
      log_info("link not connected dialled={} reason=\"{}\"", target_.text, reason);
    }
    state->connected = false;
    state->last_error = reason;
  }
  call_.reset();
  if (is_stopped_) {
    return when_idle_();
  }
  timer_ = shared_.loop.after(next_pause(), [this] { dial(); });
}

std::chrono::milliseconds GrpcDialler::next_pause() {
  const auto random = random_array<2>();
  const auto half = pause_ / 2;
  const auto jittered = half + half * load_be16(random.data()) / 0xffff;
  pause_ = std::min(pause_ * 2, target_.redial_max);
  return jittered;
}

}  // namespace tandem
