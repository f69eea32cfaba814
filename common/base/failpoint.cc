#include "common/base/failpoint.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace tandem {
namespace {

struct Wanted {
  std::string name;
  std::atomic<long> left{0};
};

Wanted& wanted() {
  static Wanted* const made = [] {
    auto* const out = new Wanted;  // NOLINT(cppcoreguidelines-owning-memory): as long as we live
    if (const char* const text = std::getenv("TANDEM_FAILPOINT"); text != nullptr) {
      const std::string_view all = text;
      out->name = all.substr(0, all.find(':'));
      out->left = all.find(':') == std::string_view::npos
                      ? 1
                      : std::strtol(text + all.find(':') + 1, nullptr, 10);
    }
    return out;
  }();
  return *made;
}

}  // namespace

void failpoint(std::string_view name) noexcept {
  Wanted& point = wanted();
  if (!point.name.empty() && point.name == name && point.left.fetch_sub(1) == 1) {
    static_cast<void>(std::raise(SIGKILL));
  }
}

}  // namespace tandem
