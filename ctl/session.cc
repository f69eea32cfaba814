#include "ctl/session.h"

#include <cstdio>
#include <unistd.h>

#include <fmt/core.h>

#include "ctl/json_view.h"
#include "ctl/node_place.h"

namespace tandem {
namespace {

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
  const boost::json::value body = parse_json(response.body).value_or(boost::json::value());
  const boost::json::value& error = member(body, "error");
  for (const boost::json::value& detail : list_of(error, "details")) {
    if (const auto* const text = detail.if_string()) {
      fmt::print(stderr, "{}\n", safe_text(*text));
    }
  }
  const std::string text = text_of(error, "text");
  if (text.empty()) {
    return fail(Errc::kInternal, "the node answered with HTTP status {}", response.status);
  }
  return fail(code_from_text(text_of(error, "code")), "{}", safe_text(text));
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
  return Session(std::move(options));
}

Result<std::string> Session::ask(const ApiRequest& request) const {
  ApiResponse response = TRY(ask_node(options_, request));
  if (response.status < 200 || response.status >= 300) {
    return error_of(response);
  }
  return std::move(response.body);
}

Result<boost::json::value> Session::ask_json(const ApiRequest& request) const {
  return parse_json(TRY(ask(request)));
}

Result<std::string> Session::get(const std::string& target) const {
  return ask({.target = target});
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

void print_error(std::string_view text) {
  fmt::print(stderr, "tandemctl: {}\n", safe_text(text));
}

ExitCode usage_error(std::string_view command, std::string_view what) {
  fmt::print(stderr, "tandemctl: {}\nTry: tandemctl {}{}--help\n", safe_text(what), command,
             command.empty() ? "" : " ");
  return ExitCode::kUsage;
}

}  // namespace tandem
