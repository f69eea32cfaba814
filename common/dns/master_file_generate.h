// $GENERATE: one line that stands for a range of records, as BIND has it (no RFC):
//   $GENERATE start-stop[/step] lhs [ttl] [class] type rhs
// In lhs and rhs `$` is the number, `${offset,width,base}` the number plus offset, padded, in base
// d, o, x, X or as reversed nibbles n, N; `$$` is a dollar sign, and what follows a backslash is
// left alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace tandem {

struct GenerateRange {
  std::uint32_t start = 0;
  std::uint32_t stop = 0;
  std::uint32_t step = 1;

  [[nodiscard]] std::uint64_t count() const noexcept {
    return (std::uint64_t{stop} - start) / step + 1;
  }
};

/// `start-stop` or `start-stop/step`, numbers up to 2^31-1, stop not below start, step not 0.
[[nodiscard]] std::optional<GenerateRange> generate_range_from_text(std::string_view text);

/// Appends `pattern` with the number put in. Fails: kInvalid when a `${...}` is malformed.
Status append_generated(std::string_view pattern, std::uint32_t number, std::string& to);

}  // namespace tandem
