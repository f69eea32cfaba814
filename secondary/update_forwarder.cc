#include "secondary/update_forwarder.h"

#include "common/base/logging.h"
#include "common/dns/header.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxPending = 10'000;
constexpr std::chrono::seconds kPatience{5};  // clients have less

}  // namespace

UpdateForwarder::UpdateForwarder(UpdateService& own, ReplicatedLog& cluster, const Clock& clock)
    : own_(own), cluster_(cluster), clock_(clock) {}

void UpdateForwarder::submit(UpdateRequest request) {
  if (cluster_.table().find(request.update.zone) == nullptr) {
    own_.submit(std::move(request));
  } else if (!request.who.key) {
    log_debug("update refused by=\"{}\" reason=\"only signed ones are forwarded to the leader\"",
              request.who.to_text());
    request.done({Rcode::kRefused, {}});
  } else {
    forward(std::move(request));
  }
}

void UpdateForwarder::forward(UpdateRequest request) {
  ForwardedRequestFrame frame{0, std::move(request.message), request.who.from.to_text()};
  std::shared_ptr<LinkPeer> leader;
  {
    const std::lock_guard lock(mutex_);
    if (leader_ != nullptr && pending_.size() < kMaxPending) {
      leader = leader_;
      frame.id = next_id_++;
      pending_.emplace(frame.id, Pending{std::move(request.done), clock_.monotonic() + kPatience});
    }
  }
  if (leader == nullptr) {
    request.done({Rcode::kServFail, {}});
    return;
  }
  leader->send(std::move(frame));
}

void UpdateForwarder::set_leader(std::shared_ptr<LinkPeer> leader) {
  std::vector<Pending> left;
  {
    const std::lock_guard lock(mutex_);
    if (leader_ == leader) {
      return;
    }
    leader_ = std::move(leader);
    for (auto& [id, pending] : std::exchange(pending_, {})) {
      left.push_back(std::move(pending));
    }
  }
  fail_all(std::move(left));
}

void UpdateForwarder::on_reply(const ForwardedReplyFrame& reply) {
  std::move_only_function<void(UpdateOutcome)> done;
  {
    const std::lock_guard lock(mutex_);
    const auto found = pending_.find(reply.id);
    if (found == pending_.end()) {
      return;  // too late
    }
    done = std::move(found->second.done);
    pending_.erase(found);
  }
  idle_.notify_all();
  const bool is_answer = reply.message.size() >= kHeaderOctets;
  const Rcode rcode = is_answer ? static_cast<Rcode>(load_header(reply.message.data()).rcode_bits())
                                : Rcode::kServFail;
  done({rcode, is_answer ? reply.message : Octets()});
}

void UpdateForwarder::give_up_late() {
  std::vector<Pending> late;
  {
    const std::lock_guard lock(mutex_);
    const MonotonicTime now = clock_.monotonic();
    for (auto at = pending_.begin(); at != pending_.end() && at->second.deadline <= now;) {
      late.push_back(std::move(at->second));
      at = pending_.erase(at);  // the oldest first: all have the same patience
    }
  }
  fail_all(std::move(late));
}

bool UpdateForwarder::wait_idle(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, at_most, [this] { return pending_.empty(); });
}

void UpdateForwarder::fail_all(std::vector<Pending> pending) {
  idle_.notify_all();
  for (Pending& each : pending) {
    each.done({Rcode::kServFail, {}});
  }
}

}  // namespace tandem
