#include "common/base/background.h"

#include <algorithm>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace tandem {

void give_way() noexcept {
  constexpr int kNicer = 10;
  constexpr int kNicest = 19;
  // By its thread ID, since Linux keeps a nice value for each thread. Becoming nicer needs no
  // right.
  const auto self = static_cast<id_t>(::gettid());
  const int now = ::getpriority(PRIO_PROCESS, self);
  static_cast<void>(::setpriority(PRIO_PROCESS, self, std::min(now + kNicer, kNicest)));
}

void giving_way(const std::function<void()>& work) {
  std::thread([&work] {
    give_way();
    work();
  }).join();
}

}  // namespace tandem
