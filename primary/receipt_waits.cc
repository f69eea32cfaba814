#include "primary/receipt_waits.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "common/base/background.h"
#include "common/base/logging.h"

namespace tandem {

ReceiptWaits::ReceiptWaits(ChangeSink& writer, const Clock& clock, Worker::Pace pace)
    : writer_(writer), clock_(clock) {
  if (pace == Worker::Pace::kThread) {
    thread_ = std::thread([this] { run(); });
  }
}

ReceiptWaits::~ReceiptWaits() {
  stop();
}

void ReceiptWaits::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void ReceiptWaits::submit(ChangeRequest request) {
  if (request.wait.nodes == Wait::Nodes::kNone) {
    writer_.submit(std::move(request));
    return;
  }
  request.done = [this, wait = request.wait,
                  done = std::move(request.done)](Result<Receipt> receipt) mutable {
    if (receipt) {
      wait_for(*std::move(receipt), wait, std::move(done));
    } else {
      done(std::move(receipt));
    }
  };
  writer_.submit(std::move(request));
}

void ReceiptWaits::wait_for(Receipt receipt, const Wait& wait,
                            std::function<void(Result<Receipt>)> done) {
  const std::uint64_t sequence = receipt.position.sequence;
  Ready ready;
  {
    const std::lock_guard lock(mutex_);
    Waiting waiting{std::move(receipt), std::move(done), clock_.monotonic() + wait.at_most,
                    wait.nodes};
    if (followers_.empty() || lowest() >= sequence || stopping_) {
      fill_in(waiting);
      ready.push_back(std::move(waiting));
    } else {
      if (waiting.deadline < next_deadline_) {
        next_deadline_ = waiting.deadline;
        wake_.notify_one();
      }
      waiting_.emplace(sequence, std::move(waiting));
    }
  }
  finish(std::move(ready));
}

void ReceiptWaits::has(const void* stream, const NodeId& node, std::uint64_t sequence) {
  Ready ready;
  {
    const std::lock_guard lock(mutex_);
    followers_[stream] = {node, sequence};
    ready = take_reached();
  }
  finish(std::move(ready));
}

void ReceiptWaits::left(const void* stream) {
  Ready ready;
  {
    const std::lock_guard lock(mutex_);
    followers_.erase(stream);
    ready = take_reached();
  }
  finish(std::move(ready));
}

/// What every follower in step has. With the lock held.
std::uint64_t ReceiptWaits::lowest() const {
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [stream, follower] : followers_) {
    lowest = std::min(lowest, follower.sequence);
  }
  return lowest;
}

/// With the lock held, as the next two.
ReceiptWaits::Ready ReceiptWaits::take_reached() {
  Ready ready;
  const auto end = waiting_.upper_bound(lowest());
  for (auto at = waiting_.begin(); at != end; at = waiting_.erase(at)) {
    fill_in(at->second);
    ready.push_back(std::move(at->second));
  }
  return ready;
}

ReceiptWaits::Ready ReceiptWaits::take_late(MonotonicTime now) {
  Ready ready;
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (stopping_ || at->second.deadline <= now) {
      fill_in(at->second);
      ready.push_back(std::move(at->second));
      at = waiting_.erase(at);
    } else {
      ++at;
    }
  }
  return ready;
}

void ReceiptWaits::fill_in(Waiting& waiting) const {
  Receipt& receipt = waiting.receipt;
  receipt.has_waited = true;
  for (const auto& [stream, follower] : followers_) {
    receipt.nodes.push_back({follower.node, follower.sequence >= receipt.position.sequence});
  }
}

void ReceiptWaits::finish(Ready ready) {
  for (Waiting& waiting : ready) {
    const Receipt& receipt = waiting.receipt;
    const bool is_everywhere = std::ranges::all_of(receipt.nodes, &NodeReached::has_it);
    ++(receipt.nodes.empty() ? stats_.alone : is_everywhere ? stats_.in_time : stats_.timed_out);
    if (!is_everywhere) {
      log_warn("change acknowledged before every follower had it zone={} serial={} sequence={}",
               receipt.zone_name.to_text(), receipt.serial, receipt.position.sequence);
    }
    if (waiting.nodes == Wait::Nodes::kAll && outside_ != nullptr && !receipt.zone.is_zero()) {
      wait_outside(std::move(waiting));
    } else {
      waiting.done(std::move(waiting.receipt));
    }
  }
}

void ReceiptWaits::wait_outside(Waiting waiting) {
  const ZoneId zone = waiting.receipt.zone;
  const Serial serial = waiting.receipt.serial;
  const MonotonicTime deadline = waiting.deadline;
  outside_->await(zone, serial, deadline,
                  [this, receipt = std::move(waiting.receipt),
                   done = std::move(waiting.done)](std::vector<OutsideReached> servers) mutable {
                    const bool is_everywhere =
                        std::ranges::all_of(servers, &OutsideReached::has_it);
                    ++(is_everywhere ? stats_.outside_in_time : stats_.outside_timed_out);
                    if (!is_everywhere) {
                      log_warn(
                          "change acknowledged before every outside secondary had it zone={} "
                          "serial={} missing={}",
                          receipt.zone_name.to_text(), receipt.serial,
                          std::ranges::count(servers, false, &OutsideReached::has_it));
                    }
                    receipt.has_waited_outside = true;
                    receipt.outside = std::move(servers);
                    done(std::move(receipt));
                  });
}

void ReceiptWaits::let_go_late() {
  Ready late;
  {
    const std::lock_guard lock(mutex_);
    late = take_late(clock_.monotonic());
  }
  finish(std::move(late));
}

void ReceiptWaits::run() {
  give_way();
  std::unique_lock lock(mutex_);
  while (!stopping_ || !waiting_.empty()) {
    if (Ready late = take_late(clock_.monotonic()); !late.empty()) {
      lock.unlock();
      finish(std::move(late));
      lock.lock();
      continue;
    }
    next_deadline_ = MonotonicTime::max();
    for (const auto& [sequence, waiting] : waiting_) {
      next_deadline_ = std::min(next_deadline_, waiting.deadline);
    }
    if (next_deadline_ == MonotonicTime::max()) {
      wake_.wait(lock);
    } else {
      wake_.wait_for(lock, next_deadline_ - clock_.monotonic());
    }
  }
}

}  // namespace tandem
