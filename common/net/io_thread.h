// The thread of a client of other servers, with its io_context. It gives way to what answers.
// Internal to the clients.
#pragma once

#include <functional>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "common/base/background.h"

namespace tandem {

class IoThread {
 public:
  IoThread()
      : thread_([this] {
          give_way();
          context_.run();
        }) {}

  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  /// Requires: stop() was called.
  ~IoThread() = default;

  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }

  /// Calls `end_all` on the thread, which is to end what is going on there, and waits until all of
  /// it has ended. Idempotent: what comes after the first call is not called.
  void stop(std::function<void()> end_all) {
    if (thread_.joinable()) {
      boost::asio::post(context_, [this, end_all = std::move(end_all)] {
        end_all();
        work_.reset();
      });
      thread_.join();
    }
  }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      context_.get_executor()};
  std::thread thread_;
};

}  // namespace tandem
