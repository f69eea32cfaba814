// What a change is answered with, shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "common/dns/name.h"
#include "ctl/api_client.h"
#include "ctl/arguments.h"

namespace tandem {

/// What was asked for, as far as its receipt reads differently.
enum class ReceiptOf : std::uint8_t { kContent, kDeletion };

/// `example.com.: serial 43, entry 1208`, `example.com.: deleted, entry 1208`, or that there was
/// nothing to change.
[[nodiscard]] std::string receipt_line(const boost::json::value& receipt, ReceiptOf what);

/// How addresses that many records of an imported zone have become ones that are changed in one
/// place: a line each, of what the node says of an import.
[[nodiscard]] std::vector<std::string> repeat_lines(const boost::json::value& answer,
                                                    const Name& zone);

/// Prints the receipt, its warnings to standard error. Those that begin with `known_file` were
/// printed when the file was read here; empty: none were.
void print_receipt(const Arguments& arguments, std::string_view body,
                   const boost::json::value& receipt, ReceiptOf what = ReceiptOf::kContent,
                   const std::string& known_file = {});

/// `certbot.: created, entry 12` for `what` was done, or that there was nothing to change.
[[nodiscard]] std::string key_receipt_line(const boost::json::value& receipt,
                                           std::string_view what);

/// `allowed by: RULE (log)` or `refused: REASON`, of what the node says about a trial.
[[nodiscard]] std::string policy_test_line(const boost::json::value& answer);

/// The same as print_receipt() for a change of what is not a zone.
void print_key_receipt(const Arguments& arguments, std::string_view body,
                       const boost::json::value& receipt, std::string_view what);

/// Sends one change and shows its receipt so. Fails: as Session, kCorrupt.
Result<ExitCode> send_change(const Arguments& arguments, const ApiRequest& request,
                             std::string_view done);

/// The receipt's warnings, on standard error; but for those that begin with `known_file`.
void print_warnings(const boost::json::value& receipt, const std::string& known_file = {});

}  // namespace tandem
