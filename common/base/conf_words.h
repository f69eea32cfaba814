// The words of a configuration file of BIND: comments left out, quotes taken away, each mark by
// itself. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace tandem {

struct ConfWord {
  enum class Kind : std::uint8_t { kText, kOpen, kClose, kEnd };  // `{`, `}`, `;`

  Kind kind = Kind::kText;
  std::string text;
  std::size_t line = 0;
};

/// One file from its beginning. Requires: its text outlives it. One thread.
class ConfWords {
 public:
  explicit ConfWords(std::string_view text) : rest_(text) {}

  /// Where the next word may begin; lines count from 1.
  [[nodiscard]] std::size_t line() const noexcept { return line_; }

  /// Nothing at the end. Fails: kInvalid, `LINE: what`, for a comment or a quoted word without end.
  Result<std::optional<ConfWord>> next();

 private:
  std::string_view skip(std::size_t octets);
  Status skip_between();
  Result<std::string> quoted();

  std::string_view rest_;
  std::size_t line_ = 1;
};

}  // namespace tandem
