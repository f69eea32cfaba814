// The CPUs that this process may run on: taskset, systemd's CPUAffinity= and cpusets take some
// away.
#pragma once

#include <cstddef>
#include <vector>

namespace tandem {

/// Their numbers, in order, at the time of the call; -1 for each where the kernel does not say
/// which.
[[nodiscard]] std::vector<int> allowed_cpus();

}  // namespace tandem
