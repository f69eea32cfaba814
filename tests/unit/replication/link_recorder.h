// A LinkHandler that writes down what it hears, for tests to wait on; and the other things that
// tests of the link start from.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/crypto/node_key.h"
#include "common/replication/link.h"

namespace tandem::testing {

/// Longer than anything here takes on a loaded machine; waiting ends as soon as what is waited for
/// is there.
constexpr std::chrono::seconds kPatience{30};

/// Any thread. Fails the test when the calls for a peer break the contract of LinkHandler.
class LinkRecorder final : public LinkHandler {
 public:
  struct Stream {
    std::shared_ptr<LinkPeer> peer;
    std::vector<Frame> frames;
    std::size_t writable_calls = 0;
    std::optional<std::string> closed;  // the reason
  };

  using OnFrame = std::function<void(const std::shared_ptr<LinkPeer>&, const Frame&)>;

  /// Called for each frame, before it is recorded. To be set before the link starts.
  void on_each_frame(OnFrame action) { on_each_frame_ = std::move(action); }

  /// Only counts frames. To be set before the link starts.
  void keep_no_frames() { keeps_frames_ = false; }

  /// The peer of the stream that opened as number `index` (from 0); null when none comes.
  std::shared_ptr<LinkPeer> wait_open(std::size_t index = 0);
  /// False when the stream's frames do not become so many.
  bool wait_frames(std::size_t count, std::size_t index = 0);
  /// The reason; "still open" when it does not close within `patience`.
  std::string wait_closed(std::size_t index = 0, std::chrono::milliseconds patience = kPatience);
  bool wait_writable(std::size_t calls, std::size_t index = 0);

  [[nodiscard]] std::shared_ptr<LinkPeer> peer(std::size_t index = 0) const;
  /// A copy, with all frames.
  [[nodiscard]] Stream stream(std::size_t index = 0) const;
  [[nodiscard]] std::size_t stream_count() const;

  void on_open(const std::shared_ptr<LinkPeer>& peer) override;
  void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) override;
  void on_writable(const std::shared_ptr<LinkPeer>& peer) override;
  void on_close(const std::shared_ptr<LinkPeer>& peer, std::string_view reason) override;

 private:
  struct Entry {
    Stream stream;
    std::size_t frame_count = 0;
    bool is_in_call = false;
  };

  Entry* find(const LinkPeer& peer);
  /// Marks the start of a call for `peer`; fails the test when another one is going on.
  void enter(const LinkPeer& peer);
  void leave(const LinkPeer& peer, const std::function<void(Entry&)>& note);
  bool wait(const std::function<bool()>& is_there,
            std::chrono::milliseconds patience = kPatience) const;

  OnFrame on_each_frame_;
  bool keeps_frames_ = true;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Entry> entries_;  // guarded by mutex_
};

/// A key of its own, made in a folder that is removed again.
[[nodiscard]] NodeKey new_node_key();

}  // namespace tandem::testing
