// The network between a leader and a follower that come and go: streams in memory with the real
// codec and queues, from which a test delivers one thing at a time, or none. Several can be alive
// at once, as after a reconnect that one side has not heard of. On request a frame comes twice, or
// after the next one, as no TCP does it: a peer with a fault.
//
// One thread.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "tests/simulation/judge.h"
#include "tests/support/memory_link.h"

namespace tandem::test {

class SimCable {
 public:
  /// Sees each frame that leaves a side. False: it does not leave, as nothing does that has no
  /// power.
  using Gate = std::function<bool(Side, const Frame&)>;

  explicit SimCable(Gate gate);
  SimCable(const SimCable&) = delete;
  SimCable& operator=(const SimCable&) = delete;
  ~SimCable();

  /// From now on new streams of `side` are that process's.
  void plug(Side side, LinkHandler& process) { at(side) = &process; }

  /// The process is gone: nothing is delivered to it. What it had is not closed by that.
  void unplug(Side side);

  /// Opens a stream between the two processes. Requires: both are there.
  void connect();
  /// Ends one stream, chosen by `dice`, or all.
  void cut_one(Dice& dice);
  void cut_all(std::string_view reason);
  /// One stream ends once so many frames more came through.
  void cut_after(Dice& dice, std::size_t frames);

  /// The next frame that a side of one stream gets comes twice, or after the one behind it.
  void confuse(Dice& dice);

  /// Streams that are not over on both sides.
  [[nodiscard]] std::size_t streams();
  /// Delivers the next thing for `side` of one of the streams. False when there is none.
  bool deliver(Side side, Dice& dice);

 private:
  class Tap;
  struct Stream;

  LinkHandler*& at(Side side) { return processes_.at(static_cast<std::size_t>(side)); }

  void drop_ended();

  Gate gate_;
  std::array<LinkHandler*, 2> processes_{};
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace tandem::test
