#include "tests/unit/dns/rdata_rows.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/base/encoding.h"

namespace tandem::testing {
namespace {

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) {
    return {};
  }
  std::string out(text.substr(first, text.find_last_not_of(' ') - first + 1));
  if (const std::size_t newline = out.find("<NL>"); newline != std::string::npos) {
    out.replace(newline, 4, "\n");
  }
  return out;
}

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  while (true) {
    const std::size_t bar = std::min(line.find('|'), line.size());
    cells.push_back(trimmed(line.substr(0, bar)));
    if (bar == line.size()) {
      return cells;
    }
    line.remove_prefix(bar + 1);
  }
}

}  // namespace

std::vector<std::vector<std::string>> rows_of(std::string_view table) {
  std::vector<std::vector<std::string>> rows;
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    if (end != 0) {
      rows.push_back(cells_of(table.substr(0, end)));
    }
    table.remove_prefix(std::min(end + 1, table.size()));
  }
  return rows;
}

Octets octets_of(std::string_view hex) {
  std::string digits(hex);
  std::erase(digits, ' ');
  const auto octets = from_hex(digits);
  CHECK(octets.has_value());
  return *octets;
}

RrType type_of(std::string_view mnemonic) {
  const auto type = rr_type_from_text(mnemonic);
  CHECK(type.has_value());
  return *type;
}

}  // namespace tandem::testing
