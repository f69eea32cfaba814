// Tables for people (aligned columns) and for other programs (tabs): the same rows, a header line
// first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tandem {

enum class TableStyle : std::uint8_t { kAligned, kTabs };

/// Text from elsewhere made safe for a terminal and for one line: control characters as \DDD. UTF-8
/// stays.
[[nodiscard]] std::string safe_text(std::string_view text);

class Table {
 public:
  explicit Table(std::vector<std::string> header) { add(std::move(header)); }

  /// Rows may be shorter than the header.
  void add(std::vector<std::string> row);

  /// Nothing but the header.
  [[nodiscard]] bool is_empty() const noexcept { return rows_.size() <= 1; }

  [[nodiscard]] std::string to_text(TableStyle style) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tandem
