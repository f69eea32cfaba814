// The lexical half of master files (RFC 1035 s5.1): octets in, logical lines of tokens out.
// Parentheses, comments, quotes and escapes end here; what the tokens mean is decided by
// master_file.cc and rdata_text.h.
//
// Tokens are views into the text, escapes left as written. Nothing is copied, and nothing allocated
// once the token list has grown to the longest line. One thread; the text must outlive the scanner.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tandem {

enum class TokenKind : std::uint8_t { kPlain, kQuoted, kEnd };

/// One word of a line. kEnd stands for "there is none" and has no text.
struct Token {
  std::string_view text;  // without its quotes
  TokenKind kind = TokenKind::kEnd;
};

/// Counted from 1; columns in octets.
struct TextPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// The most tokens of one logical line: TXT rdata of 65535 octets made of empty strings fits twice.
constexpr std::size_t kMaxLineTokens = 131'072;

class MasterFileScanner {
 public:
  enum class Found : std::uint8_t { kLine, kProblem, kEnd };

  /// What is wrong with a line as a whole, and the octet it starts at.
  struct Problem {
    std::string_view text;
    const char* at = nullptr;
  };

  MasterFileScanner() = default;

  explicit MasterFileScanner(std::string_view text) { start(text); }

  /// Begins anew with `text`; a byte order mark (UTF-8) in front is skipped.
  void start(std::string_view text) noexcept;

  /// Moves to the next logical line that has tokens. After kProblem the line's tokens mean nothing
  /// and the next call goes on behind the line, or, when a parenthesis is never closed, on the line
  /// after its own.
  Found next();

  [[nodiscard]] std::span<const Token> tokens() const noexcept { return tokens_; }

  [[nodiscard]] const Problem& problem() const noexcept { return problem_; }

  /// True when the line starts with white space: the owner is left out.
  [[nodiscard]] bool begins_with_blank() const noexcept { return begins_with_blank_; }

  /// Number of the line's first physical line.
  [[nodiscard]] std::uint32_t line() const noexcept { return line_number_; }

  /// Place of an octet of the current line. Costs its distance from the start of the line.
  [[nodiscard]] TextPlace place_of(const char* at) const noexcept;

 private:
  static constexpr std::size_t kMaxUnclosed = 128;  // above the parser's limit of errors

  Found scan_line();
  void scan_plain();
  void scan_quoted();
  void open_parenthesis() noexcept;
  void close_parenthesis() noexcept;
  Found unclosed_parenthesis() noexcept;
  [[nodiscard]] bool is_known_unclosed() noexcept;
  void add_token(Token token);
  void skip_to_newline() noexcept;
  void set_problem(std::string_view text, const char* at) noexcept;

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  const char* line_start_ = nullptr;  // of the current logical line
  std::size_t depth_ = 0;
  std::array<const char*, kMaxUnclosed> opened_{};  // the outermost depth_ open parentheses
  // Those that were still open at the end of the text, in order: nobody has to read to the end for
  // them again.
  std::array<const char*, kMaxUnclosed> unclosed_{};
  std::size_t unclosed_count_ = 0;
  std::size_t next_unclosed_ = 0;
  std::uint32_t line_number_ = 1;       // of line_start_
  std::uint32_t next_line_number_ = 1;  // of at_
  bool begins_with_blank_ = false;
  Problem problem_;
  std::vector<Token> tokens_;
};

}  // namespace tandem
