// The node's JSON as commands look at it: what is missing or of another kind reads as empty, so
// that a newer or older node is shown as far as it is understood.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "common/base/result.h"

namespace tandem {

/// Fails: kCorrupt when `text` is no JSON.
Result<boost::json::value> parse_json(std::string_view text);

/// The member `name` of an object; null when there is none.
[[nodiscard]] const boost::json::value& member(const boost::json::value& object,
                                               std::string_view name);
const boost::json::value& member(boost::json::value&& object, std::string_view name) = delete;
/// The member as people read it: a string's text, a number, `yes` or `no`; empty when there is
/// none.
[[nodiscard]] std::string text_of(const boost::json::value& object, std::string_view name);
[[nodiscard]] std::uint64_t number_of(const boost::json::value& object, std::string_view name);
[[nodiscard]] bool is_true(const boost::json::value& object, std::string_view name);
/// The member's elements; none when it is no array.
[[nodiscard]] const boost::json::array& list_of(const boost::json::value& object,
                                                std::string_view name);
const boost::json::array& list_of(boost::json::value&& object, std::string_view name) = delete;

/// JSON text with line breaks and two spaces for each level. Requires: valid JSON.
[[nodiscard]] std::string indented_json(std::string_view text);

}  // namespace tandem
