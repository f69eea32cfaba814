#include "common/base/result.h"

#include <string_view>

namespace tandem {

std::string_view to_text(Errc code) noexcept {
  switch (code) {
    case Errc::kInvalid:
      return "invalid";
    case Errc::kNotFound:
      return "not_found";
    case Errc::kExists:
      return "exists";
    case Errc::kRefused:
      return "refused";
    case Errc::kConflict:
      return "conflict";
    case Errc::kUnavailable:
      return "unavailable";
    case Errc::kNoSpace:
      return "no_space";
    case Errc::kCorrupt:
      return "corrupt";
    case Errc::kIo:
      return "io";
    case Errc::kTooLarge:
      return "too_large";
    case Errc::kTimeout:
      return "timeout";
    case Errc::kInternal:
      return "internal";
  }
  return "internal";
}

std::unexpected<Error> in_context(std::string_view where, Error error) {
  error.detail = fmt::format("{}: {}", where, error.detail);
  return std::unexpected<Error>(std::move(error));
}

}  // namespace tandem
