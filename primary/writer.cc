#include "primary/writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/base/background.h"
#include "common/base/failpoint.h"
#include "common/base/logging.h"
#include "primary/epoch_begin.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxQueued = 10'000;
// A group is one fsync. Past this much a second one costs little more and lets the first be seen
// sooner.
constexpr std::size_t kMaxGroupOctets = 2 << 20;
constexpr std::chrono::milliseconds kRecoverEvery{500};

}  // namespace

Writer::Writer(ReplicatedLog& log, const SecretSealer& sealer, const NodeId& node,
               ZoneSources sources)
    : log_(log), sealer_(sealer), node_(node), sources_(std::move(sources)) {}

Writer::~Writer() {
  stop();
}

Status Writer::bootstrap(const ClusterId& cluster) {
  if (log_.entries().head().sequence > 0) {
    return {};
  }
  return begin_epoch(log_, sealer_, Epoch{1, node_}, cluster, "first start", {});
}

void Writer::start() {
  thread_ = std::thread([this] { run(); });
}

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  idle_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Writer::wait_idle() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return stopping_ || (queue_.empty() && !is_busy_); });
}

void Writer::submit(ChangeRequest request) {
  std::unique_lock lock(mutex_);
  const std::string refusal = reason_to_refuse();
  if (!refusal.empty()) {
    lock.unlock();
    request.done(fail(Errc::kUnavailable, "{}", refusal));
    return;
  }
  queue_.push_back(std::move(request));
  lock.unlock();
  wake_.notify_one();
}

std::string Writer::reason_to_refuse() const {
  if (stopping_) {
    return "the server is stopping";
  }
  if (!read_only_reason_.empty()) {
    return read_only_reason_;
  }
  return queue_.size() >= kMaxQueued ? "too many changes are waiting; try again" : "";
}

void Writer::set_read_only(std::string reason) {
  const std::lock_guard lock(mutex_);
  read_only_reason_ = std::move(reason);
}

std::string Writer::read_only_reason() const {
  if (std::string reason = log_.broken_reason(); !reason.empty()) {
    return reason;
  }
  const std::lock_guard lock(mutex_);
  return read_only_reason_;
}

void Writer::look_after_store() {
  if (log_.is_broken()) {
    wake_.notify_one();
  }
}

std::vector<ChangeRequest> Writer::wait_for_requests() {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopping_ || !queue_.empty(); };
  if (log_.is_broken()) {
    wake_.wait_for(lock, kRecoverEvery, ready);
  } else {
    wake_.wait(lock, [&] { return ready() || log_.is_broken(); });
  }
  is_busy_ = true;
  return std::exchange(queue_, {});
}

void Writer::become_idle() {
  {
    const std::lock_guard lock(mutex_);
    is_busy_ = false;
  }
  idle_.notify_all();
}

void Writer::run() {
  std::vector<ChangeRequest> requests;
  while (true) {
    requests = wait_for_requests();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        break;
      }
    }
    if (std::ranges::any_of(requests, &ChangeRequest::is_heavy)) {
      giving_way([&] { take(std::move(requests)); });
    } else {
      take(std::move(requests));
    }
    become_idle();
  }
  become_idle();
  refuse(requests, Errc::kUnavailable, "the server is stopping");
}

void Writer::turn() {
  std::vector<ChangeRequest> requests;
  {
    const std::lock_guard lock(mutex_);
    requests = std::exchange(queue_, {});
  }
  take(std::move(requests));
}

void Writer::take(std::vector<ChangeRequest> requests) {
  if (log_.is_broken()) {
    try_to_recover();
  }
  if (log_.is_broken()) {
    refuse(requests, Errc::kNoSpace, log_.broken_reason());
  } else if (!requests.empty()) {
    process(std::move(requests));
  }
}

void Writer::refuse(std::vector<ChangeRequest>& requests, Errc code, const std::string& reason) {
  for (ChangeRequest& request : requests) {
    request.done(fail(code, "{}", reason));
  }
}

void Writer::try_to_recover() {
  if (const auto recovered = log_.recover(); !recovered) {
    log_debug("store still refuses changes reason=\"{}\"", recovered.error().detail);
  }
}

void Writer::process(std::vector<ChangeRequest> requests) {
  std::size_t next = 0;
  while (next < requests.size()) {
    CommitGroup group(log_, sealer_, log_.entries().head().epoch, sources_);
    std::vector<CommitGroup::Planned> planned;
    std::vector<ChangeRequest*> waiting;
    while (next < requests.size() && group.planned_octets() < kMaxGroupOctets) {
      ChangeRequest& request = requests[next++];
      if (auto added = group.add(request); added) {
        planned.push_back(*std::move(added));
        waiting.push_back(&request);
      } else {
        stats_.refused.add();
        request.done(std::unexpected(added.error()));
      }
    }
    failpoint("planned");
    commit(group, planned, waiting);
  }
}

void Writer::commit(CommitGroup& group, std::vector<CommitGroup::Planned>& planned,
                    std::vector<ChangeRequest*>& waiting) {
  Status done = group.finish();
  failpoint("encoded");
  const std::uint64_t last = group.encoded().empty() ? 0 : group.encoded().back().sequence;
  if (done && last != 0) {
    const WriteBatch secrets = group.take_batch();
    done = log_.commit(group.encoded(), group.draft(), secrets);
    // The store may have it after all: opening it anew shows, and then the change counts. Where
    // there is space again, whatever it was that filled the disk, it is written now.
    if (!done && log_.is_broken() && log_.recover()) {
      const bool is_there = log_.entries().head().sequence >= last;
      done = is_there ? Status() : log_.commit(group.encoded(), group.draft(), secrets);
    }
    if (!done) {
      stats_.failed.add();
    }
  }
  if (done && last != 0) {
    stats_.groups.add();
    stats_.entries.add(group.encoded().size());
  }
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (!done) {
      waiting[i]->done(std::unexpected(done.error()));
      continue;
    }
    group.complete(planned[i]);
    waiting[i]->done(std::move(planned[i].receipt));
  }
  failpoint("acknowledged");
}

}  // namespace tandem
