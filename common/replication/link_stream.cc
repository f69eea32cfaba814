#include "common/replication/link_stream.h"

#include <utility>

namespace tandem {

LinkStream::LinkStream(LinkWire& wire, LinkHandler& handler, StreamPeer peer)
    : wire_(wire), handler_(handler), peer_(std::move(peer)) {}

void LinkStream::send(const Frame& frame) {
  Octets octets = encode_frame(frame);
  {
    auto state = state_.lock();
    if (state->is_detached || state->wish != StreamWish::kStay) {
      return;
    }
    if (octets.size() > kMaxFrameOctets) {
      return wish_for(*state, StreamWish::kAbort,
                      fmt::format("own frame of {} octets is over the limit of {}", octets.size(),
                                  kMaxFrameOctets));
    }
    if (octets.size() > kMaxQueuedOctets - state->queued_octets) {
      return wish_for(*state, StreamWish::kAbort,
                      fmt::format("peer does not keep up: {} octets queued, the limit is {}",
                                  state->queued_octets, kMaxQueuedOctets));
    }
    state->queued_octets += octets.size();
    if (std::exchange(state->is_writing, true)) {
      state->queue.push_back(std::move(octets));
      return;
    }
    state->writing_octets = octets.size();
  }
  wire_.write(std::move(octets));  // not under the lock: it encrypts and hands over to the kernel
}

std::size_t LinkStream::queued_octets() const {
  return state_.lock()->queued_octets;
}

void LinkStream::close(std::string_view reason) {
  auto state = state_.lock();
  if (!state->is_detached && state->wish == StreamWish::kStay) {
    wish_for(*state, StreamWish::kClose, reason);
  }
}

void LinkStream::wish_for(State& state, StreamWish wish, std::string_view reason) {
  state.wish = wish;
  state.reason = reason;
  wire_.wake();  // under the lock, which keeps detach() and with it the end of the wire away
}

void LinkStream::open() {
  handler_.on_open(shared_from_this());
}

void LinkStream::receive(OctetSpan octets) {
  if (wish() != StreamWish::kStay) {
    return;
  }
  auto frame = decode_frame(octets);
  if (frame) {
    handler_.on_frame(shared_from_this(), *std::move(frame));
    return;
  }
  auto state = state_.lock();
  if (!state->is_detached && state->wish != StreamWish::kAbort) {
    wish_for(*state, StreamWish::kAbort, "peer sent " + frame.error().detail);
  }
}

void LinkStream::written() {
  Octets next;
  bool is_writable = false;
  {
    auto state = state_.lock();
    state->queued_octets -= state->writing_octets;
    state->is_writing = !state->queue.empty() && !state->is_detached;
    if (state->is_writing) {
      next = std::move(state->queue.front());
      state->queue.pop_front();
      state->writing_octets = next.size();
    }
    is_writable = !state->is_writing && !state->is_detached && state->wish == StreamWish::kStay;
  }
  if (!next.empty()) {
    wire_.write(std::move(next));
  } else if (is_writable) {
    handler_.on_writable(shared_from_this());
  }
}

StreamWish LinkStream::wish() const {
  return state_.lock()->wish;
}

bool LinkStream::is_drained() const {
  return !state_.lock()->is_writing;
}

bool LinkStream::detach() {
  auto state = state_.lock();
  state->is_detached = true;
  return !state->is_writing;
}

void LinkStream::end(std::string_view reason) {
  const std::string own = own_reason();
  {
    auto state = state_.lock();
    state->queue.clear();
    state->queued_octets = 0;
  }
  handler_.on_close(shared_from_this(), own.empty() ? reason : std::string_view(own));
}

std::string LinkStream::own_reason() const {
  return state_.lock()->reason;
}

}  // namespace tandem
