#include "ctl/receipt.h"

#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "ctl/json_view.h"
#include "ctl/outside_lines.h"
#include "ctl/rule_text.h"
#include "ctl/session.h"

namespace tandem {
namespace {

void print_waited(const boost::json::value& receipt) {
  for (const std::string& line : waited_lines(receipt)) {
    print(safe_text(line) + "\n");
  }
}

}  // namespace

std::string receipt_line(const boost::json::value& receipt, ReceiptOf what) {
  const std::string zone = text_of(receipt, "zone");
  const std::string serial = text_of(receipt, "serial");
  if (!is_true(receipt, "changed")) {
    return fmt::format("{}: nothing to change, serial {}", zone, serial);
  }
  const std::string entry = text_of(member(receipt, "position"), "sequence");
  return what == ReceiptOf::kDeletion ? fmt::format("{}: deleted, entry {}", zone, entry)
                                      : fmt::format("{}: serial {}, entry {}", zone, serial, entry);
}

std::vector<std::string> repeat_lines(const boost::json::value& answer, const Name& zone) {
  std::vector<std::string> lines;
  for (const boost::json::value& repeat : list_of(answer, "repeats")) {
    const std::string address = safe_text(text_of(repeat, "address"));
    const std::string name = safe_text(text_of(repeat, "name"));
    const std::string set = is_true(repeat, "is_named")
                                ? ""
                                : fmt::format("tandemctl address set {} {} && ", name, address);
    lines.push_back(fmt::format(
        "{} records have the address {}; to change it in one place from then on: {}tandemctl "
        "address bind {} {}",
        number_of(repeat, "records"), address, set, name, zone.to_text()));
  }
  return lines;
}

std::string key_receipt_line(const boost::json::value& receipt, std::string_view what) {
  return is_true(receipt, "changed")
             ? fmt::format("{}, entry {}", what, text_of(member(receipt, "position"), "sequence"))
             : std::string("nothing to change");
}

std::string policy_test_line(const boost::json::value& answer) {
  if (!is_true(answer, "allowed")) {
    return "refused: " + text_of(answer, "reason");
  }
  return fmt::format("allowed by: {} ({})", shown_rule(text_of(answer, "rule")),
                     text_of(answer, "source"));
}

void print_warnings(const boost::json::value& receipt, const std::string& known_file) {
  for (const boost::json::value& warning : list_of(receipt, "warnings")) {
    const auto* const text = warning.if_string();
    if (text != nullptr && (known_file.empty() || !text->starts_with(known_file + ":"))) {
      print_warning(*text);
    }
  }
}

void print_key_receipt(const Arguments& arguments, std::string_view body,
                       const boost::json::value& receipt, std::string_view what) {
  if (arguments.json) {
    print_json(body);
    return;
  }
  print_warnings(receipt);
  print(safe_text(key_receipt_line(receipt, what)) + "\n");
  print_waited(receipt);
}

Result<ExitCode> send_change(const Arguments& arguments, const ApiRequest& request,
                             std::string_view done) {
  const Session session = TRY(Session::open(arguments));
  const std::string body = TRY(session.ask(request));
  print_key_receipt(arguments, body, TRY(parse_json(body)), done);
  return ExitCode::kDone;
}

void print_receipt(const Arguments& arguments, std::string_view body,
                   const boost::json::value& receipt, ReceiptOf what,
                   const std::string& known_file) {
  if (arguments.json) {
    print_json(body);
    return;  // the warnings are in there
  }
  print_warnings(receipt, known_file);
  print(safe_text(receipt_line(receipt, what)) + "\n");
  print_waited(receipt);
}

}  // namespace tandem
