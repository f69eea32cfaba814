#include "ctl/note_lines.h"

#include <algorithm>

namespace tandem {

std::string note_lines_of(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    text.remove_prefix(line.size());
    if (line.starts_with(kNoteMark)) {
      lines += line;
      lines += line.ends_with('\n') ? "" : "\n";
    }
  }
  return lines;
}

}  // namespace tandem
