// What a change is answered with, shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "ctl/arguments.h"

namespace tandem {

/// What was asked for, as far as its receipt reads differently.
enum class ReceiptOf : std::uint8_t { kContent, kDeletion };

/// `example.com.: serial 43, entry 1208`, `example.com.: deleted, entry 1208`, or that there was
/// nothing to change.
[[nodiscard]] std::string receipt_line(const boost::json::value& receipt, ReceiptOf what);

/// Prints the receipt, its warnings to standard error. Those that begin with `known_file` were
/// printed when the file was read here; empty: none were.
void print_receipt(const Arguments& arguments, std::string_view body,
                   const boost::json::value& receipt, ReceiptOf what = ReceiptOf::kContent,
                   const std::string& known_file = {});

}  // namespace tandem
