#include "tests/simulation/sim_cable.h"

#include <optional>
#include <utility>

namespace tandem::test {
namespace {

/// A side's end of a stream, which shows the frames on their way out.
class ShownPeer final : public LinkPeer {
 public:
  ShownPeer(std::shared_ptr<LinkPeer> to, Side side, const SimCable::Gate& gate)
      : to_(std::move(to)), side_(side), gate_(gate) {}

  void send(const Frame& frame) override {
    if (gate_(side_, frame)) {
      to_->send(frame);
    }
  }

  [[nodiscard]] std::size_t queued_octets() const override { return to_->queued_octets(); }

  void close(std::string_view reason) override { to_->close(reason); }

  [[nodiscard]] const KeyPin& pin() const override { return to_->pin(); }

  [[nodiscard]] const std::string& address() const override { return to_->address(); }

  [[nodiscard]] bool is_dialled() const override { return to_->is_dialled(); }

 private:
  std::shared_ptr<LinkPeer> to_;
  Side side_;
  const SimCable::Gate& gate_;
};

}  // namespace

/// Passes on to the process for as long as it is there.
class SimCable::Tap final : public LinkHandler {
 public:
  Tap(Side side, LinkHandler* to, const Gate& gate) : side_(side), to_(to), gate_(gate) {}

  void unplug() {
    to_ = nullptr;
    shown_.reset();
  }

  [[nodiscard]] bool is_over() const noexcept { return to_ == nullptr; }

  enum class Fault : std::uint8_t { kNone, kTwice, kLate };

  void confuse(Fault fault) { fault_ = fault; }

  void on_open(const std::shared_ptr<LinkPeer>& peer) override {
    if (to_ != nullptr) {
      shown_ = std::make_shared<ShownPeer>(peer, side_, gate_);
      to_->on_open(shown_);
    }
  }

  void on_frame(const std::shared_ptr<LinkPeer>& /*peer*/, Frame frame) override {
    const Fault fault = std::exchange(fault_, Fault::kNone);
    if (fault == Fault::kLate) {
      late_ = std::move(frame);
      return;
    }
    if (fault == Fault::kTwice) {
      pass_on(frame);
    }
    pass_on(std::move(frame));
    if (auto late = std::exchange(late_, std::nullopt)) {
      pass_on(*std::move(late));
    }
  }

  void on_writable(const std::shared_ptr<LinkPeer>& /*peer*/) override {
    if (to_ != nullptr) {
      to_->on_writable(shown_);
    }
  }

  void on_close(const std::shared_ptr<LinkPeer>& /*peer*/, std::string_view reason) override {
    if (to_ != nullptr) {
      std::exchange(to_, nullptr)->on_close(std::exchange(shown_, nullptr), reason);
    }
  }

 private:
  void pass_on(Frame frame) {
    if (to_ != nullptr) {
      to_->on_frame(shown_, std::move(frame));
    }
  }

  Side side_;
  LinkHandler* to_;
  const Gate& gate_;
  std::shared_ptr<LinkPeer> shown_;
  Fault fault_ = Fault::kNone;
  std::optional<Frame> late_;
};

struct SimCable::Stream {
  Stream(const Gate& gate, LinkHandler* leader, LinkHandler* follower)
      : taps{std::make_unique<Tap>(Side::kLeader, leader, gate),
             std::make_unique<Tap>(Side::kFollower, follower, gate)},
        link(*taps[0], *taps[1], testing::LinkDelivery::kManual) {}

  [[nodiscard]] bool is_over() const { return taps[0]->is_over() && taps[1]->is_over(); }

  std::array<std::unique_ptr<Tap>, 2> taps;
  testing::MemoryLink link;
};

SimCable::SimCable(Gate gate) : gate_(std::move(gate)) {}

SimCable::~SimCable() = default;

void SimCable::unplug(Side side) {
  at(side) = nullptr;
  for (const auto& stream : streams_) {
    stream->taps.at(static_cast<std::size_t>(side))->unplug();
  }
}

void SimCable::connect() {
  streams_.push_back(std::make_unique<Stream>(gate_, at(Side::kLeader), at(Side::kFollower)));
}

void SimCable::cut_one(Dice& dice) {
  if (streams() > 0) {
    streams_[dice.below(streams_.size())]->link.cut("connection lost");
  }
}

void SimCable::cut_all(std::string_view reason) {
  for (const auto& stream : streams_) {
    stream->link.cut(reason);
  }
}

void SimCable::cut_after(Dice& dice, std::size_t frames) {
  if (streams() > 0) {
    streams_[dice.below(streams_.size())]->link.cut_after(frames);
  }
}

void SimCable::confuse(Dice& dice) {
  if (streams() > 0) {
    Tap& tap = *streams_[dice.below(streams_.size())]->taps.at(dice.below(2));
    tap.confuse(dice.one_in(2) ? Tap::Fault::kTwice : Tap::Fault::kLate);
  }
}

void SimCable::drop_ended() {
  std::erase_if(streams_, [](const auto& stream) { return stream->is_over(); });
}

std::size_t SimCable::streams() {
  drop_ended();
  return streams_.size();
}

bool SimCable::deliver(Side side, Dice& dice) {
  drop_ended();
  const std::size_t count = streams_.size();
  const std::size_t first = count > 0 ? dice.below(count) : 0;
  for (std::size_t i = 0; i < count; ++i) {
    testing::MemoryLink& link = streams_[(first + i) % count]->link;
    if (link.pump_one(side == Side::kLeader ? testing::LinkSide::kA : testing::LinkSide::kB)) {
      return true;
    }
  }
  return false;
}

}  // namespace tandem::test
