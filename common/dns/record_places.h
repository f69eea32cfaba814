// Where the records of a zone came from, in 32 bits each: what a builder can keep beside every
// record of a large zone to say later which line of which file is wrong. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/dns/master_file.h"

namespace tandem {

class RecordPlaces {
 public:
  /// The place as a number above 0; later places of one parser's records have larger ones. Beyond
  /// the 2^28th line that is 0, "somewhere".
  [[nodiscard]] std::uint32_t note(const RecordPlace& place);

  /// What note() gave the number for. Line 0 for 0. A column that is the sixteenth or later of its
  /// zone is 1.
  [[nodiscard]] RecordPlace at(std::uint32_t number) const noexcept;

 private:
  // number := lines_before:28 column:4
  static constexpr unsigned kColumnBits = 4;
  static constexpr std::uint64_t kMaxLines = std::uint64_t{1} << (32U - kColumnBits);

  /// Lines of one file that were read in one piece.
  struct Stretch {
    std::uint64_t first;  // the line's number among all lines that were read
    std::uint32_t file;
    std::uint32_t line;
  };

  [[nodiscard]] std::uint32_t column_number(std::uint32_t column) noexcept;

  std::vector<Stretch> stretches_;
  std::uint64_t last_ = 0;  // among all lines that were read
  // Column 1, then the others as they come: a file has few, because people use tabulators.
  std::array<std::uint32_t, 1U << kColumnBits> columns_{1};
  std::uint32_t column_count_ = 1;
};

}  // namespace tandem
