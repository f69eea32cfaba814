#include "common/base/conf_words.h"

#include <algorithm>
#include <utility>

namespace tandem {

Result<std::optional<ConfWord>> ConfWords::next() {
  TRYV(skip_between());
  if (rest_.empty()) {
    return std::optional<ConfWord>();
  }
  ConfWord word{ConfWord::Kind::kText, {}, line_};
  switch (rest_.front()) {
    case '{':
      word.kind = ConfWord::Kind::kOpen;
      skip(1);
      break;
    case '}':
      word.kind = ConfWord::Kind::kClose;
      skip(1);
      break;
    case ';':
      word.kind = ConfWord::Kind::kEnd;
      skip(1);
      break;
    case '"':
      word.text = TRY(quoted());
      break;
    default:
      word.text = skip(std::max<std::size_t>(1, rest_.find_first_of(" \t\r\n\"{};")));
  }
  return std::optional(std::move(word));
}

std::string_view ConfWords::skip(std::size_t octets) {
  const std::string_view skipped = rest_.substr(0, octets);
  line_ += static_cast<std::size_t>(std::ranges::count(skipped, '\n'));
  rest_.remove_prefix(skipped.size());
  return skipped;
}

Status ConfWords::skip_between() {
  while (!rest_.empty()) {
    const std::size_t space = std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size());
    if (space > 0) {
      skip(space);
    } else if (rest_.starts_with('#') || rest_.starts_with("//")) {
      skip(rest_.find('\n'));
    } else if (rest_.starts_with("/*")) {
      const std::size_t end = rest_.find("*/", 2);
      if (end == std::string_view::npos) {
        return fail(Errc::kInvalid, "{}: a comment without end", line_);
      }
      skip(end + 2);
    } else {
      break;
    }
  }
  return {};
}

Result<std::string> ConfWords::quoted() {
  const std::size_t begin = line_;
  std::string text;
  for (std::size_t i = 1; i < rest_.size(); ++i) {
    if (rest_[i] == '"') {
      skip(i + 1);
      return text;
    }
    if (rest_[i] == '\\' && i + 1 < rest_.size()) {
      ++i;
    }
    text += rest_[i];
  }
  return fail(Errc::kInvalid, "{}: a quoted word without end", begin);
}

}  // namespace tandem
