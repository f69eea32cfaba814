// What a change is answered with, shown.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "ctl/arguments.h"

namespace tandem {

/// `example.com.: serial 43, entry 1208`, or that there was nothing to change.
[[nodiscard]] std::string receipt_line(const boost::json::value& receipt);

/// Prints the receipt, its warnings to standard error.
void print_receipt(const Arguments& arguments, std::string_view body,
                   const boost::json::value& receipt);

}  // namespace tandem
