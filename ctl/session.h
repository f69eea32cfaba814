// One run of tandemctl: asks the node, shows what it says, turns what went wrong into errors. One
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "common/base/result.h"
#include "ctl/api_client.h"
#include "ctl/arguments.h"
#include "ctl/table.h"

namespace tandem {

class Session {
 public:
  /// Fails: whatever finding the node fails with.
  static Result<Session> open(const Arguments& arguments);

  /// The body of a good answer. Fails: with the node's own code and text, and its findings behind
  /// that, one a line.
  Result<std::string> ask(const ApiRequest& request) const;
  /// The same, as JSON.
  Result<boost::json::value> ask_json(const ApiRequest& request) const;
  Result<std::string> get(const std::string& target) const;

 private:
  explicit Session(ApiClientOptions options) : options_(std::move(options)) {}

  ApiClientOptions options_;
};

/// A request with a JSON body.
[[nodiscard]] ApiRequest json_request(std::string_view method, std::string target,
                                      const boost::json::object& body);

/// Gets what the node says at `target`, and shows it: as it is where JSON is asked for, else by
/// `show`. Fails: as Session, kCorrupt.
Result<ExitCode> show_answer(const Arguments& arguments, const std::string& target,
                             const std::function<void(const boost::json::value&)>& show);

/// Where answers go, and what they look like there.
[[nodiscard]] bool is_terminal();
void print(std::string_view text);
/// The node's own JSON: indented on a terminal, as it came elsewhere.
void print_json(std::string_view text);
void print_table(const Table& table);
/// `tandemctl: warning: ...` on standard error.
void print_warning(std::string_view text);
enum class ErrorForm : std::uint8_t { kText, kJson };
[[nodiscard]] ErrorForm error_form(const Arguments& arguments);
/// On standard error: the findings behind the text, then `tandemctl: TEXT`; or the node's own JSON.
void print_error(const Error& error, ErrorForm form);
/// A usage error with the hint where to read more.
[[nodiscard]] ExitCode usage_error(ErrorForm form, std::string_view command, std::string_view what);
/// What to do about one command's words, as the command itself found.
[[nodiscard]] ExitCode usage_error(const Arguments& arguments, std::string_view command,
                                   std::string_view what);

}  // namespace tandem
