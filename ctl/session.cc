#include "ctl/session.h"

#include <algorithm>
#include <cstdio>
#include <span>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include "ctl/json_view.h"
#include "ctl/node_place.h"

namespace tandem {
namespace {

namespace json = boost::json;

Errc code_from_text(std::string_view text) {
  for (const Errc code : {Errc::kInvalid, Errc::kNotFound, Errc::kExists, Errc::kRefused,
                          Errc::kConflict, Errc::kUnavailable, Errc::kNoSpace, Errc::kCorrupt,
                          Errc::kIo, Errc::kTooLarge, Errc::kTimeout}) {
    if (to_text(code) == text) {
      return code;
    }
  }
  return Errc::kInternal;
}

std::unexpected<Error> error_of(const ApiResponse& response) {
  const json::value body = parse_json(response.body).value_or(json::value());
  const json::value& error = member(body, "error");
  std::string text = safe_text(text_of(error, "text"));
  if (text.empty()) {
    return fail(Errc::kInternal, "the node answered with HTTP status {}", response.status);
  }
  for (const json::value& detail : list_of(error, "details")) {
    if (const auto* const finding = detail.if_string()) {
      text += "\n" + safe_text(*finding);
    }
  }
  return fail(code_from_text(text_of(error, "code")), "{}", text);
}

/// As the node's answers have it (docs/http_api.md).
void print_error_object(std::string_view code, std::string_view text,
                        std::span<const std::string> findings) {
  json::object error{{"code", code}, {"text", text}};
  if (!findings.empty()) {
    error["details"] = json::array(findings.begin(), findings.end());
  }
  fmt::print(stderr, "{}\n", json::serialize(json::object{{"error", std::move(error)}}));
}

}  // namespace

Result<Session> Session::open(const Arguments& arguments) {
  ApiClientOptions options;
  options.socket = TRY(api_socket(arguments, data_of_environment()));
  options.timeout = std::chrono::seconds(arguments.timeout_seconds);
  if (!arguments.request_id.empty()) {
    options.headers.emplace_back("Request-Id", arguments.request_id);
  }
  if (!arguments.reason.empty()) {
    options.headers.emplace_back("Reason", arguments.reason);
  }
  if (!arguments.wait.empty()) {
    options.headers.emplace_back("Wait", arguments.wait);
  }
  return Session(std::move(options));
}

Result<std::string> Session::ask(const ApiRequest& request) const {
  ApiResponse response = TRY(ask_node(options_, request));
  if (response.status < 200 || response.status >= 300) {
    return error_of(response);
  }
  return std::move(response.body);
}

Result<json::value> Session::ask_json(const ApiRequest& request) const {
  return parse_json(TRY(ask(request)));
}

Result<std::string> Session::get(const std::string& target) const {
  return ask({.target = target});
}

ApiRequest json_request(std::string_view method, std::string target, const json::object& body) {
  return {.method = std::string(method),
          .target = std::move(target),
          .content_type = "application/json",
          .body = json::serialize(body)};
}

Result<ExitCode> show_answer(const Arguments& arguments, const std::string& target,
                             const std::function<void(const json::value&)>& show) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.get(target));
  if (arguments.json) {
    print_json(body);
  } else {
    show(TRY(parse_json(body)));
  }
  return ExitCode::kDone;
}

bool is_terminal() {
  return ::isatty(STDOUT_FILENO) == 1;
}

void print(std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stdout));
}

void print_json(std::string_view text) {
  if (is_terminal()) {
    print(indented_json(text));
  } else {
    print(text);
    print("\n");
  }
}

void print_table(const Table& table) {
  print(table.to_text(is_terminal() ? TableStyle::kAligned : TableStyle::kTabs));
}

void print_warning(std::string_view text) {
  fmt::print(stderr, "tandemctl: warning: {}\n", safe_text(text));
}

ErrorForm error_form(const Arguments& arguments) {
  return arguments.json ? ErrorForm::kJson : ErrorForm::kText;
}

void print_error(const Error& error, ErrorForm form) {
  std::vector<std::string> lines;
  for (std::string_view rest = error.detail; !rest.empty();) {
    lines.emplace_back(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(rest.size(), lines.back().size() + 1));
  }
  const std::string text = lines.empty() ? std::string() : lines.front();
  const std::span<const std::string> findings = std::span(lines).subspan(lines.empty() ? 0 : 1);
  if (form == ErrorForm::kJson) {
    print_error_object(to_text(error.code), text, findings);
    return;
  }
  for (const std::string& finding : findings) {
    fmt::print(stderr, "{}\n", safe_text(finding));
  }
  fmt::print(stderr, "tandemctl: {}\n", safe_text(text));
}

ExitCode usage_error(ErrorForm form, std::string_view command, std::string_view what) {
  if (form == ErrorForm::kJson) {
    print_error_object("usage", what, {});
  } else {
    fmt::print(stderr, "tandemctl: {}\nTry: tandemctl {}{}--help\n", safe_text(what), command,
               command.empty() ? "" : " ");
  }
  return ExitCode::kUsage;
}

ExitCode usage_error(const Arguments& arguments, std::string_view command, std::string_view what) {
  return usage_error(error_form(arguments), command, what);
}

}  // namespace tandem
