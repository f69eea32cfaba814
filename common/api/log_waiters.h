// Long-polling readers of the log: they wait here, on a thread of their own, never on the HTTP
// server's.
//
// Thread rule: any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "common/api/api.h"
#include "common/base/clock.h"
#include "common/net/http_server.h"

namespace tandem {

class LogWaiters {
 public:
  /// Requires: `services` outlives it, which is to be stopped before it goes.
  explicit LogWaiters(const ApiServices& services);

  /// Answers with read_log() as soon as there is something, or that there is nothing new when the
  /// time is up.
  void wait(HttpRequest request, HttpRespond respond, std::chrono::seconds at_most);
  /// The log may have something new.
  void on_commit();
  /// Idempotent.
  void stop();

 private:
  struct Waiter {
    HttpRequest request;
    HttpRespond respond;
    MonotonicTime deadline;
  };

  void serve();
  std::list<Waiter> answer(std::list<Waiter>& due);

  const ApiServices& services_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::list<Waiter> waiters_;  // guarded by mutex_
  bool has_work_ = false;      // guarded by mutex_
  bool stopping_ = false;      // guarded by mutex_
  std::thread thread_;
};

}  // namespace tandem
