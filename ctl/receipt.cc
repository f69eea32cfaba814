#include "ctl/receipt.h"

#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "ctl/json_view.h"
#include "ctl/session.h"

namespace tandem {

std::string receipt_line(const boost::json::value& receipt) {
  const std::string zone = text_of(receipt, "zone");
  const std::string serial = text_of(receipt, "serial");
  if (!is_true(receipt, "changed")) {
    return fmt::format("{}: nothing to change, serial {}", zone, serial);
  }
  return fmt::format("{}: serial {}, entry {}", zone, serial,
                     text_of(member(receipt, "position"), "sequence"));
}

void print_receipt(const Arguments& arguments, std::string_view body,
                   const boost::json::value& receipt) {
  if (arguments.json) {
    print_json(body);
    return;  // the warnings are in there
  }
  for (const boost::json::value& warning : list_of(receipt, "warnings")) {
    if (const auto* const text = warning.if_string()) {
      print_warning(*text);
    }
  }
  print(safe_text(receipt_line(receipt)) + "\n");
}

}  // namespace tandem
