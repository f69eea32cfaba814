#include "common/base/json_members.h"

#include <algorithm>

#include <boost/json/array.hpp>

namespace tandem {

namespace json = boost::json;

Status check_members(const json::object& object, std::initializer_list<std::string_view> known) {
  for (const auto& member : object) {
    if (std::ranges::find(known, std::string_view(member.key())) == known.end()) {
      return fail(Errc::kInvalid, "unknown member \"{}\"", std::string_view(member.key()));
    }
  }
  return {};
}

Result<std::string> text_member(const json::object& object, std::string_view name,
                                std::string_view missing) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr) {
    return std::string(missing);
  }
  if (!value->is_string()) {
    return fail(Errc::kInvalid, "\"{}\" needs a string", name);
  }
  return std::string(value->as_string());
}

Result<std::optional<std::uint32_t>> number_member(const json::object& object,
                                                   std::string_view name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || value->is_null()) {
    return std::optional<std::uint32_t>();
  }
  boost::system::error_code error;
  const auto number = value->to_number<std::uint32_t>(error);
  if (error || number > 0x7fff'ffffU) {
    return fail(Errc::kInvalid, "\"{}\" needs a whole number from 0 to 2147483647", name);
  }
  return std::optional(number);
}

Result<std::vector<std::string>> text_list(const json::object& object, std::string_view name) {
  std::vector<std::string> out;
  const json::value* const value = object.if_contains(name);
  if (value == nullptr) {
    return out;
  }
  if (!value->is_array()) {
    return fail(Errc::kInvalid, "\"{}\" needs an array of strings", name);
  }
  for (const json::value& item : value->as_array()) {
    if (!item.is_string()) {
      return fail(Errc::kInvalid, "\"{}\" needs an array of strings", name);
    }
    out.emplace_back(item.as_string());
  }
  return out;
}

Result<std::optional<bool>> bool_member(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr) {
    return std::optional<bool>();
  }
  if (!value->is_bool()) {
    return fail(Errc::kInvalid, "\"{}\" needs true or false", name);
  }
  return std::optional(value->as_bool());
}

}  // namespace tandem
