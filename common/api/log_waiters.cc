#include "common/api/log_waiters.h"

#include <optional>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/route.h"

namespace tandem {
namespace {

namespace json = boost::json;

HttpResponse nothing_new(const ApiServices& services) {
  return json_response(
      200, json::object{{"entries", json::array()},
                        {"head", services.node->cluster_log().table().position().sequence}});
}

}  // namespace

LogWaiters::LogWaiters(const ApiServices& services) : services_(services) {
  thread_ = std::thread([this] { serve(); });
}

void LogWaiters::wait(HttpRequest request, HttpRespond respond, std::chrono::seconds at_most) {
  const std::lock_guard lock(mutex_);
  waiters_.push_back(
      {std::move(request), std::move(respond), services_.node->clock().monotonic() + at_most});
  has_work_ = true;  // for this one, however long others have waited
  wake_.notify_all();
}

void LogWaiters::on_commit() {
  {
    const std::lock_guard lock(mutex_);
    has_work_ = true;
  }
  wake_.notify_all();
}

void LogWaiters::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void LogWaiters::serve() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiters_.empty()) {
      wake_.wait(lock, [this] { return stopping_ || !waiters_.empty(); });
    } else {
      wake_.wait_for(lock, std::chrono::milliseconds(200),
                     [this] { return stopping_ || has_work_; });
    }
    has_work_ = false;
    std::list<Waiter> due;
    due.swap(waiters_);
    lock.unlock();
    std::list<Waiter> still_waiting = answer(due);
    lock.lock();
    waiters_.splice(waiters_.end(), still_waiting);
  }
}

/// Answers those for whom there is something, or whose time is up; returns the others.
std::list<LogWaiters::Waiter> LogWaiters::answer(std::list<Waiter>& due) {
  std::list<Waiter> rest;
  const MonotonicTime now = services_.node->clock().monotonic();
  while (!due.empty()) {
    Waiter& waiter = due.front();
    auto found = read_log(services_, waiter.request);
    if (!found) {
      waiter.respond(error_response(found.error()));
    } else if (std::optional<HttpResponse>& response = *found; response) {
      waiter.respond(*std::move(response));
    } else if (now >= waiter.deadline) {
      waiter.respond(nothing_new(services_));
    } else {
      rest.splice(rest.end(), due, due.begin());
      continue;
    }
    due.pop_front();
  }
  return rest;
}

}  // namespace tandem
