#include "common/net/cpus.h"

#include <algorithm>
#include <sched.h>
#include <thread>

namespace tandem {

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) {
        cpus.push_back(cpu);
      }
    }
  }
  if (cpus.empty()) {  // more CPUs than a cpu_set_t has room for: nothing to pin to by number
    cpus.assign(std::max(1U, std::thread::hardware_concurrency()), -1);
  }
  return cpus;
}

}  // namespace tandem
