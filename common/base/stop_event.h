// Ends what waits in poll(2): readable once stop() was called. Any thread.
#pragma once

#include <sys/eventfd.h>

#include "common/base/check.h"
#include "common/base/unique_fd.h"

namespace tandem {

class StopEvent {
 public:
  StopEvent() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { CHECK(fd_.valid()); }

  /// For good. Idempotent.
  void stop() noexcept { static_cast<void>(::eventfd_write(fd_.get(), 1)); }

  /// To be polled for POLLIN; never to be read.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace tandem
