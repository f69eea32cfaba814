// The words of named.conf, and the statements that they make. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace tandem {

struct ConfStatement {
  std::vector<std::string> words;  // what stands before the block, without quotes
  std::vector<ConfStatement> block;
  std::size_t line = 0;
  bool has_block = false;

  /// The word at `index`, empty when there is none.
  [[nodiscard]] std::string_view word(std::size_t index) const {
    return index < words.size() ? std::string_view(words[index]) : std::string_view();
  }
};

/// All statements of one file. Fails: kInvalid, `LINE: what`.
Result<std::vector<ConfStatement>> conf_statements(std::string_view text);

}  // namespace tandem
