#include "ctl/json_view.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tandem {
namespace {

namespace json = boost::json;

const json::value kNull;
const json::array kNoElements;

/// Copies the string literal that starts at `at`, quotes included; returns where it ends.
std::size_t copy_string(std::string_view text, std::size_t at, std::string& out) {
  const std::size_t start = at++;
  while (at < text.size() && text[at] != '"') {
    at += text[at] == '\\' ? 2U : 1U;
  }
  const std::size_t end = std::min(at + 1, text.size());
  out += text.substr(start, end - start);
  return end;
}

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error) {
    return fail(Errc::kCorrupt, "the node's answer is no JSON: {}", error.message());
  }
  return value;
}

const json::value& member(const json::value& object, std::string_view name) {
  const json::object* const members = object.if_object();
  const json::value* const found = members == nullptr ? nullptr : members->if_contains(name);
  return found == nullptr ? kNull : *found;
}

std::string text_of(const json::value& object, std::string_view name) {
  const json::value& value = member(object, name);
  if (const json::string* const text = value.if_string()) {
    return std::string(*text);
  }
  if (value.is_bool()) {
    return value.get_bool() ? "yes" : "no";
  }
  return value.is_number() ? json::serialize(value) : std::string();
}

std::uint64_t number_of(const json::value& object, std::string_view name) {
  boost::system::error_code error;
  const auto number = member(object, name).to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

bool is_true(const json::value& object, std::string_view name) {
  const bool* const value = member(object, name).if_bool();
  return value != nullptr && *value;
}

const json::array& list_of(const json::value& object, std::string_view name) {
  const json::array* const elements = member(object, name).if_array();
  return elements == nullptr ? kNoElements : *elements;
}

std::string indented_json(std::string_view text) {
  std::string out;
  std::size_t depth = 0;
  const auto new_line = [&] {
    out += '\n';
    out.append(2 * depth, ' ');
  };
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = copy_string(text, at, out);
      continue;
    }
    const bool is_empty = at + 1 < text.size() && (text[at + 1] == '}' || text[at + 1] == ']');
    ++at;
    if ((c == '{' || c == '[') && is_empty) {
      out += c;
      out += text[at++];
    } else if (c == '{' || c == '[') {
      out += c;
      ++depth;
      new_line();
    } else if (c == '}' || c == ']') {
      depth -= depth > 0 ? 1U : 0U;
      new_line();
      out += c;
    } else if (c == ',') {
      out += c;
      new_line();
    } else if (c == ':') {
      out += ": ";
    } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
      out += c;
    }
  }
  return out + '\n';
}

}  // namespace tandem
