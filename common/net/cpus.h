// The CPUs that this process may run on: taskset, systemd's CPUAffinity= and cpusets take some
// away.
#pragma once

#include <cstddef>
#include <vector>

namespace tandem {

/// Their numbers, in order, at the time of the call. Empty when the kernel does not say.
[[nodiscard]] std::vector<int> allowed_cpus();

}  // namespace tandem
