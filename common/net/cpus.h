// The CPUs that this process may run on: taskset, systemd's CPUAffinity= and cpusets take some
// away.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace tandem {

/// Their numbers, in order, at the time of the call; -1 for each where the kernel does not say
/// which.
[[nodiscard]] std::vector<int> allowed_cpus();

/// Gives CPUs to workers in turn, whichever kind they are: the first gets a second worker only when
/// all have one. One thread (the one that starts the node).
class CpuTurns {
 public:
  explicit CpuTurns(std::vector<int> cpus) : cpus_(std::move(cpus)) {}

  /// -1, which means any, when there is none to give.
  [[nodiscard]] int next() noexcept { return cpus_.empty() ? -1 : cpus_[given_++ % cpus_.size()]; }

 private:
  std::vector<int> cpus_;
  std::size_t given_ = 0;
};

}  // namespace tandem
