// Members of JSON objects from outside, read and checked: every finding names the member that it is
// about. Everything here fails with kInvalid.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "common/base/result.h"

namespace tandem {

/// Refuses members that are not among `known`.
Status check_members(const boost::json::object& object,
                     std::initializer_list<std::string_view> known);

/// One member each; `missing`, nothing or an empty list when it is not there.
Result<std::string> text_member(const boost::json::object& object, std::string_view name,
                                std::string_view missing);
Result<std::optional<std::uint32_t>> number_member(const boost::json::object& object,
                                                   std::string_view name);
Result<std::vector<std::string>> text_list(const boost::json::object& object,
                                           std::string_view name);
Result<std::optional<bool>> bool_member(const boost::json::object& object, std::string_view name);

}  // namespace tandem
