#include "common/base/background.h"

#include <sys/resource.h>
#include <unistd.h>

namespace tandem {

void give_way() noexcept {
  constexpr int kNice = 10;
  // By its thread ID, since Linux keeps a nice value for each thread. Becoming nicer needs no
  // right.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice));
}

}  // namespace tandem
