#include "ctl/named_conf_words.h"

#include <utility>

#include "common/base/conf_words.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxDepth = 32;            // named's own grammar has a handful of levels
constexpr std::size_t kMaxStatements = 1 << 20;  // in one file, those in blocks too

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

  ConfWords words_;
  std::size_t count_ = 0;
};

}  // namespace

Result<std::vector<ConfStatement>> conf_statements(std::string_view text) {
  return StatementReader(text).read(0);
}

}  // namespace tandem
