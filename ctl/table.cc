#include "ctl/table.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include <fmt/core.h>

namespace tandem {
namespace {

constexpr std::size_t kGap = 2;

/// Columns that UTF-8 text takes, near enough: one for each character.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<std::uint8_t>(c) & 0xc0U) != 0x80U; }));
}

/// The second octet of a UTF-8 control character U+0080-U+009F, which some terminals obey.
bool is_upper_control(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]) == 0xc2 && at + 1 < text.size() &&
         static_cast<std::uint8_t>(text[at + 1]) < 0xa0;
}

}  // namespace

std::string safe_text(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto octet = static_cast<std::uint8_t>(text[at]);
    if (is_upper_control(text, at)) {
      fmt::format_to(std::back_inserter(out), "\\194\\{:03}",
                     static_cast<std::uint8_t>(text[++at]));
    } else if (octet < ' ' || octet == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\{:03}", octet);
    } else {
      out += text[at];
    }
  }
  return out;
}

void Table::add(std::vector<std::string> row) {
  for (std::string& cell : row) {
    cell = safe_text(cell);
  }
  rows_.push_back(std::move(row));
}

std::string Table::to_text(TableStyle style) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 == row.size()) {
        break;
      }
      if (style == TableStyle::kTabs) {
        out += '\t';
      } else {
        out.append((i < widths.size() ? widths[i] - width_of(row[i]) : 0) + kGap, ' ');
      }
    }
    out += '\n';
  }
  return out;
}

}  // namespace tandem
