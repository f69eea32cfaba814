// What somebody probably meant who wrote a word that is not known. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tandem {

/// `; did you mean "x"?` for the candidate that looks like a slip of `word`; empty when none does.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     std::span<const std::string_view> candidates);

}  // namespace tandem
