// Log entries as lines: one for each entry, and the records beneath it when asked for. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "ctl/table.h"

namespace tandem {

enum class Detail : std::uint8_t { kSummary, kRecords };

/// What one entry did: `example.com. -1 +2, notes +1; example.net. created`.
[[nodiscard]] std::string change_summary(const boost::json::value& entry);

/// What a note of the node says beside the record it is on: `disabled; follows home4; a comment`.
[[nodiscard]] std::string note_text(const boost::json::value& note);

/// What goes and what comes of the notes in an answer, a line each.
[[nodiscard]] std::string note_change_lines(const boost::json::value& answer);

enum class TableHeader : std::uint8_t { kShown, kLeftOut };

/// Who made the entry: name, and where from unless that says the same.
[[nodiscard]] std::string who(const boost::json::value& entry);

/// `home4 is 192.0.2.1` or `home4 removed`, of a change of what is set by name.
[[nodiscard]] std::string setting_summary(const boost::json::value& change);

/// Puts the records of each entry beneath its line of `lines`, which begin with so many headers.
[[nodiscard]] std::string with_records(const boost::json::array& entries, std::string_view lines,
                                       std::size_t headers);

/// A table of the entries in the order of the array.
[[nodiscard]] std::string log_lines(const boost::json::array& entries, Detail detail,
                                    TableHeader header, TableStyle style);

}  // namespace tandem
