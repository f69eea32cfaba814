#include "common/base/suggestion.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <fmt/core.h>

namespace tandem {
namespace {

constexpr std::size_t kMaxSlips = 2;
constexpr std::size_t kMaxWordOctets = 64;  // longer words are nobody's slip

/// Edits (a letter more, less, other, or two swapped) between two short words.
std::size_t slips_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::vector<std::size_t> next(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + other});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        next[j] = std::min(next[j], before[j - 2] + 1);
      }
    }
    std::swap(before, row);
    std::swap(row, next);
  }
  return row.back();
}

}  // namespace

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t fewest = kMaxSlips + 1;
  for (const std::string_view candidate : candidates) {
    if (word.size() > kMaxWordOctets || candidate.size() <= kMaxSlips) {
      continue;
    }
    const std::size_t slips = slips_between(word, candidate);
    if (slips < fewest && 2 * slips <= std::min(word.size(), candidate.size())) {
      fewest = slips;
      best = candidate;
    }
  }
  return best.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", best);
}

}  // namespace tandem
