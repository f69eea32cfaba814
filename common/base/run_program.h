// Runs a program to its end, in bounded time: no shell, nothing of ours left open in it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/stop_event.h"

namespace tandem {

struct ProgramRun {
  std::string path;
  std::string input;  ///< Its standard input; what it does not read is nobody's loss.
  /// Beside those of this process, and before them. Neither has octets of 0.
  std::vector<std::pair<std::string, std::string>> environment;
  std::chrono::milliseconds limit{10'000};
};

/// Waits until the program has ended. It is in a process group of its own, which is killed after
/// the limit and on `stop`. What it prints goes where our standard error goes. Fails: kNotFound
/// when it cannot be started, kIo when it ends with another exit code than 0, kTimeout,
/// kUnavailable after `stop`. Requires: SIGPIPE is ignored.
Status run_program(const ProgramRun& run, const StopEvent& stop);

}  // namespace tandem
