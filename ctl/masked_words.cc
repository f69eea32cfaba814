#include "ctl/masked_words.h"

#include <algorithm>

namespace tandem {
namespace {

constexpr char kMask = '\x01';

}  // namespace

std::vector<std::string> masked_words(std::span<const char* const> words) {
  std::vector<std::string> out;
  bool is_behind_mark = false;
  for (const char* const each : words) {
    const std::string word(each);
    if (!is_behind_mark && word == "--") {
      is_behind_mark = true;
      continue;
    }
    const bool is_taken_apart = word.starts_with('[') || word.starts_with(kMask) ||
                                (is_behind_mark && word.starts_with('-'));
    out.push_back(is_taken_apart ? kMask + word : word);
  }
  std::ranges::reverse(out);
  return out;
}

std::string unmasked(const std::string& word) {
  return word.starts_with(kMask) ? word.substr(1) : word;
}

std::vector<std::string> unmasked(std::vector<std::string> words) {
  for (std::string& word : words) {
    word = unmasked(word);
  }
  return words;
}

}  // namespace tandem
