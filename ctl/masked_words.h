// Words kept whole on their way through CLI11, which takes `[a,b]` for a list of two and what
// begins with a dash for a flag, behind `--` as well when the command's words have begun. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace tandem {

/// The words of a command line, without the mark `--`, those masked that CLI11 would take apart;
/// the last one first, as it wants them.
[[nodiscard]] std::vector<std::string> masked_words(std::span<const char* const> words);

/// The word as it was given.
[[nodiscard]] std::string unmasked(const std::string& word);
[[nodiscard]] std::vector<std::string> unmasked(std::vector<std::string> words);

}  // namespace tandem
