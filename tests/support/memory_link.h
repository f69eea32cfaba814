// The link inside of one process: two ends that reach each other without a network, with the real
// codec, queue and closing (link_stream.h) on the way. Ordered and lossless like TCP; can be cut
// after any frame.
//
// With kThreads each end's handler is called on a thread of its own; with kManual only by pump(),
// on the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "common/replication/link_stream.h"

namespace tandem::testing {

enum class LinkSide : std::uint8_t { kA, kB };
enum class LinkDelivery : std::uint8_t { kThreads, kManual };

class MemoryLink {
 public:
  /// Opens the stream. The handlers must outlive the link.
  MemoryLink(LinkHandler& a, LinkHandler& b, LinkDelivery delivery = LinkDelivery::kThreads);
  MemoryLink(const MemoryLink&) = delete;
  MemoryLink& operator=(const MemoryLink&) = delete;
  /// Cuts; returns after both on_close.
  ~MemoryLink();

  /// What the handler of `side` sees: the way to the other side.
  [[nodiscard]] std::shared_ptr<LinkPeer> peer_of(LinkSide side) const;

  /// Ends the stream as a lost connection does: what was not delivered is lost.
  void cut(std::string_view reason = "cut");
  /// Cuts as soon as `frames` more frames were delivered, both directions counted. 0: now.
  void cut_after(std::size_t frames);
  [[nodiscard]] bool is_cut() const;
  /// Frames delivered so far, both directions.
  [[nodiscard]] std::size_t delivered() const;

  /// kManual: delivers the next thing to the handler of `side`. False when there is none.
  bool pump_one(LinkSide side);
  /// kManual: delivers until nothing is left on either side. Returns how many things it delivered.
  std::size_t pump();

 private:
  class End;

  End& other(const End& end) const;
  void count_delivered();

  LinkDelivery delivery_;
  std::unique_ptr<End> a_;
  std::unique_ptr<End> b_;
  mutable std::mutex mutex_;
  bool is_cut_ = false;                   // guarded by mutex_
  std::size_t delivered_ = 0;             // guarded by mutex_
  std::optional<std::size_t> cut_after_;  // guarded by mutex_: when delivered_ reaches it
};

}  // namespace tandem::testing
