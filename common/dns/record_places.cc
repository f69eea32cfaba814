#include "common/dns/record_places.h"

#include <algorithm>
#include <span>

namespace tandem {

std::uint32_t RecordPlaces::note(const RecordPlace& place) {
  const bool goes_on = !stretches_.empty() && stretches_.back().file == place.file &&
                       place.line >= stretches_.back().line;
  if (!goes_on) {
    stretches_.push_back({last_ + 1, place.file, place.line});
  }
  last_ = stretches_.back().first + (place.line - stretches_.back().line);
  if (last_ >= kMaxLines) {
    return 0;
  }
  return static_cast<std::uint32_t>(last_ << kColumnBits) | column_number(place.column);
}

std::uint32_t RecordPlaces::column_number(std::uint32_t column) noexcept {
  const std::span known = std::span(columns_).first(column_count_);
  const auto found = std::ranges::find(known, column);
  if (found != known.end()) {
    return static_cast<std::uint32_t>(found - known.begin());
  }
  if (column_count_ == columns_.size()) {
    return 0;
  }
  columns_[column_count_] = column;
  return column_count_++;
}

RecordPlace RecordPlaces::at(std::uint32_t number) const noexcept {
  if (number == 0) {
    return {};
  }
  const std::uint64_t line = number >> kColumnBits;
  const auto after = std::ranges::upper_bound(stretches_, line, {}, &Stretch::first);
  const Stretch& stretch = *(after - 1);
  return {stretch.file, stretch.line + static_cast<std::uint32_t>(line - stretch.first),
          columns_[number & ((1U << kColumnBits) - 1)]};
}

}  // namespace tandem
