#include "ctl/named_conf_words.h"

#include <algorithm>
#include <utility>

namespace tandem {
namespace {

constexpr std::size_t kMaxDepth = 32;            // named's own grammar has a handful of levels
constexpr std::size_t kMaxStatements = 1 << 20;  // in one file, those in blocks too

struct ConfWord {
  enum class Kind : std::uint8_t { kText, kOpen, kClose, kEnd };

  Kind kind = Kind::kText;
  std::string text;
  std::size_t line = 0;
};

class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  [[nodiscard]] std::size_t line() const { return line_; }

  /// Nothing at the end. Fails: a comment or a quoted word without end.
  Result<std::optional<ConfWord>> next() {
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

 private:
  std::string_view skip(std::size_t octets) {
    const std::string_view skipped = rest_.substr(0, octets);
    line_ += static_cast<std::size_t>(std::ranges::count(skipped, '\n'));
    rest_.remove_prefix(skipped.size());
    return skipped;
  }

  Status skip_between() {
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

  Result<std::string> quoted() {
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

  std::string_view rest_;
  std::size_t line_ = 1;
};

class StatementReader {
 public:
  explicit StatementReader(std::string_view text) : words_(text) {}

  /// Up to the end of the block, or of the file at depth 0.
  Result<std::vector<ConfStatement>> read(std::size_t depth) {
    if (depth > kMaxDepth) {
      return fail(Errc::kInvalid, "{}: blocks are nested too deep", words_.line());
    }
    std::vector<ConfStatement> out;
    ConfStatement statement;
    while (auto word = TRY(words_.next())) {
      switch (word->kind) {
        case ConfWord::Kind::kText:
          statement.line = statement.words.empty() ? word->line : statement.line;
          statement.words.push_back(std::move(word->text));
          break;
        case ConfWord::Kind::kOpen:
          statement.line = statement.words.empty() ? word->line : statement.line;
          statement.block = TRY(read(depth + 1));
          statement.has_block = true;
          break;
        case ConfWord::Kind::kEnd:
          TRYV(end(out, statement));
          break;
        case ConfWord::Kind::kClose:
          if (depth == 0 || !statement.words.empty()) {
            return fail(Errc::kInvalid, "{}: unexpected }}", word->line);
          }
          return out;
      }
    }
    if (depth > 0 || !statement.words.empty()) {
      return fail(Errc::kInvalid, "{}: the file ends within a statement, expected {}",
                  words_.line(), depth > 0 ? "};" : ";");
    }
    return out;
  }

 private:
  Status end(std::vector<ConfStatement>& out, ConfStatement& statement) {
    if (statement.words.empty() && !statement.has_block) {
      return {};  // a `;` too many
    }
    if (++count_ > kMaxStatements) {
      return fail(Errc::kInvalid, "{}: more than {} statements", words_.line(), kMaxStatements);
    }
    out.push_back(std::exchange(statement, {}));
    return {};
  }

  Words words_;
  std::size_t count_ = 0;
};

}  // namespace

Result<std::vector<ConfStatement>> conf_statements(std::string_view text) {
  return StatementReader(text).read(0);
}

}  // namespace tandem
