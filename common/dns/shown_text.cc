#include "common/dns/shown_text.h"

#include <cstdint>
#include <iterator>

#include <fmt/core.h>

namespace tandem {

std::string shown_text(std::string_view text) {
  constexpr std::size_t kShownOctets = 60;  // a line of a terminal, with the file's place before it
  std::string out = "\"";
  for (const char c : text.substr(0, kShownOctets)) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\{:03}", static_cast<std::uint8_t>(c));
    }
  }
  out += text.size() > kShownOctets ? "...\"" : "\"";
  return out;
}

}  // namespace tandem
