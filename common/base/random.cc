#include "common/base/random.h"

#include <cerrno>
#include <sys/random.h>

#include "common/base/bytes.h"
#include "common/base/check.h"

namespace tandem {

void random_octets(std::span<std::uint8_t> out) noexcept {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      CHECK(errno == EINTR);
      continue;
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

std::uint16_t random_u16() noexcept {
  return load_be16(random_array<2>().data());
}

}  // namespace tandem
