#include "common/node/pull_service.h"

namespace tandem {

std::string_view to_text(PulledBy by) noexcept {
  switch (by) {
    case PulledBy::kNothingYet:
      break;
    case PulledBy::kUpToDate:
      return "up-to-date";
    case PulledBy::kAxfr:
      return "axfr";
    case PulledBy::kIxfr:
      return "ixfr";
  }
  return "";
}

}  // namespace tandem
