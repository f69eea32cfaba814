#include "tests/support/memory_link.h"

#include <condition_variable>
#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <variant>

namespace tandem::testing {
namespace {

struct Opened {};

struct FrameArrived {
  Octets octets;
};

struct FrameTaken {};  // by the other side: the next may be written

struct WishChanged {};

struct Ended {
  std::string reason;
};

using Event = std::variant<Opened, FrameArrived, FrameTaken, WishChanged, Ended>;

KeyPin pin_of(LinkSide side) {
  KeyPin pin;
  pin.digest.fill(side == LinkSide::kA ? 0xaa : 0xbb);
  return pin;
}

}  // namespace

/// One side: what is on its way to its handler, and the wire under its stream.
class MemoryLink::End final : public LinkWire {
 public:
  End(MemoryLink& link, LinkSide side, LinkHandler& handler)
      : link_(link),
        stream_(std::make_shared<LinkStream>(
            *this, handler,
            StreamPeer{pin_of(side == LinkSide::kA ? LinkSide::kB : LinkSide::kA),
                       side == LinkSide::kA ? "memory:b" : "memory:a", side == LinkSide::kA})),
        events_{Opened{}} {}

  void start() {
    thread_ = std::thread([this] { run(); });
  }

  void join() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  [[nodiscard]] const std::shared_ptr<LinkStream>& stream() const { return stream_; }

  void write(Octets frame) override {
    if (!link_.other(*this).push(FrameArrived{std::move(frame)})) {
      push_always(FrameTaken{});  // a write into a broken connection returns too
    }
  }

  void wake() override { push(WishChanged{}); }

  /// False when the stream has ended.
  bool push(Event event) {
    const std::lock_guard lock(mutex_);
    if (is_ended_) {
      return false;
    }
    events_.push_back(std::move(event));
    ready_.notify_one();
    return true;
  }

  void push_always(Event event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    ready_.notify_one();
  }

  /// The last event but for the return of a write. What was on its way to this side is lost.
  void push_end(std::string_view reason) {
    const auto lost = [](const Event& event) {
      return std::holds_alternative<FrameArrived>(event);
    };
    bool other_was_writing = false;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(is_ended_, true)) {
        return;
      }
      other_was_writing = std::erase_if(events_, lost) > 0;
      events_.push_back(Ended{std::string(reason)});
      ready_.notify_one();
    }
    if (other_was_writing) {
      link_.other(*this).push_always(FrameTaken{});
    }
  }

  /// Delivers the next event. False when there is none.
  bool deliver_one(LinkDelivery delivery) {
    Event event;
    {
      std::unique_lock lock(mutex_);
      if (delivery == LinkDelivery::kThreads) {
        ready_.wait(lock, [this] { return !events_.empty(); });
      }
      if (events_.empty()) {
        return false;
      }
      event = std::move(events_.front());
      events_.pop_front();
    }
    std::visit([this](auto& e) { take(e); }, event);
    return true;
  }

 private:
  void run() {
    while (!is_over_) {
      deliver_one(LinkDelivery::kThreads);
    }
  }

  void take(const Opened& /*event*/) { stream_->open(); }

  void take(const FrameArrived& event) {
    stream_->receive(event.octets);
    link_.other(*this).push_always(FrameTaken{});
    link_.count_delivered();
  }

  void take(const FrameTaken& /*event*/) {
    stream_->written();
    settle();
  }

  void take(const WishChanged& /*event*/) { settle(); }

  void take(const Ended& event) {
    end_reason_ = event.reason;
    settle();
  }

  void settle() {
    if (end_reason_) {
      if (!is_over_ && stream_->detach()) {
        is_over_ = true;
        stream_->end(*end_reason_);
      }
      return;
    }
    if (stream_->wish() == StreamWish::kAbort) {
      link_.cut("connection lost");
    } else if (stream_->wish() == StreamWish::kClose && stream_->is_drained()) {
      link_.other(*this).push_end("closed by the peer");
      push_end("closed");
    }
  }

  MemoryLink& link_;
  std::shared_ptr<LinkStream> stream_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Event> events_;  // guarded by mutex_
  bool is_ended_ = false;     // guarded by mutex_: nothing is taken on any more
  // The delivering thread's:
  std::optional<std::string> end_reason_;
  bool is_over_ = false;
  std::thread thread_;
};

MemoryLink::MemoryLink(LinkHandler& a, LinkHandler& b, LinkDelivery delivery)
    : delivery_(delivery),
      a_(std::make_unique<End>(*this, LinkSide::kA, a)),
      b_(std::make_unique<End>(*this, LinkSide::kB, b)) {
  if (delivery_ == LinkDelivery::kThreads) {
    a_->start();
    b_->start();
  }
}

MemoryLink::~MemoryLink() {  // NOLINT(bugprone-exception-escape): what is thrown ends the test
  cut("link destroyed");
  if (delivery_ == LinkDelivery::kManual) {
    pump();
  }
  a_->join();
  b_->join();
}

std::shared_ptr<LinkPeer> MemoryLink::peer_of(LinkSide side) const {
  return side == LinkSide::kA ? a_->stream() : b_->stream();
}

MemoryLink::End& MemoryLink::other(const End& end) const {
  return &end == a_.get() ? *b_ : *a_;
}

void MemoryLink::cut(std::string_view reason) {
  {
    const std::lock_guard lock(mutex_);
    is_cut_ = true;
  }
  a_->push_end(reason);
  b_->push_end(reason);
}

void MemoryLink::cut_after(std::size_t frames) {
  {
    const std::lock_guard lock(mutex_);
    cut_after_ = delivered_ + frames;
    if (frames > 0) {
      return;
    }
  }
  cut();
}

bool MemoryLink::is_cut() const {
  const std::lock_guard lock(mutex_);
  return is_cut_;
}

std::size_t MemoryLink::delivered() const {
  const std::lock_guard lock(mutex_);
  return delivered_;
}

void MemoryLink::count_delivered() {
  {
    const std::lock_guard lock(mutex_);
    if (++delivered_ != cut_after_) {
      return;
    }
  }
  cut();
}

bool MemoryLink::pump_one(LinkSide side) {
  return (side == LinkSide::kA ? *a_ : *b_).deliver_one(LinkDelivery::kManual);
}

std::size_t MemoryLink::pump() {
  std::size_t things = 0;
  while (pump_one(LinkSide::kA) || pump_one(LinkSide::kB)) {
    ++things;
  }
  return things;
}

}  // namespace tandem::testing
