#include "common/net/http_message.h"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace tandem {
namespace {

const std::string* find_value(const std::vector<std::pair<std::string, std::string>>& pairs,
                              std::string_view name) {
  const auto found = std::ranges::find(pairs, name, &std::pair<std::string, std::string>::first);
  return found == pairs.end() ? nullptr : &found->second;
}

}  // namespace

std::optional<std::string> HttpRequest::parameter(std::string_view name) const {
  const std::string* const value = find_value(query, name);
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::string HttpRequest::header(std::string_view name) const {
  const std::string* const value = find_value(headers, name);
  return value == nullptr ? std::string() : *value;
}

Result<HttpTarget> parse_http_target(std::string_view target) {
  const auto parsed = target.starts_with('/') ? boost::urls::parse_origin_form(target)
                                              : boost::urls::parse_absolute_uri(target);
  if (!parsed || !parsed->encoded_path().starts_with('/')) {
    return fail(Errc::kInvalid, "the request target is no path; expected /path?name=value");
  }
  HttpTarget out;
  out.path = parsed->encoded_path();
  for (const auto& parameter : parsed->params()) {
    out.query.emplace_back(parameter.key, parameter.value);
  }
  return out;
}

HttpResponse http_error(unsigned status, std::string_view code, std::string_view text) {
  const boost::json::object body{
      {"error", {{"code", std::string(code)}, {"text", std::string(text)}}}};
  return {.status = status, .body = boost::json::serialize(body)};
}

}  // namespace tandem
