// Rdata as tokens of a master file line: the cursor that all text parsers take from, and the
// scalars they share. Every failure is worded here or through needs(): "what, and what was
// expected".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/master_file_scanner.h"
#include "common/dns/name.h"
#include "common/dns/types.h"

namespace tandem {

/// A token as the end of a message: quoted, printable and short, or the word `nothing`.
[[nodiscard]] std::string got(const Token& token);

/// Takes the tokens of one rdata in turn and remembers the last one, which is the place of an
/// error. Borrows the tokens; one thread.
class TokenCursor {
 public:
  TokenCursor(RrType type, std::span<const Token> tokens, NameView origin) noexcept
      : tokens_(tokens), origin_(origin), type_(type) {}

  [[nodiscard]] bool at_end() const noexcept { return tokens_.empty(); }

  /// The next token; one of kind kEnd when there is none.
  Token take() noexcept {
    last_ = peek();
    if (!tokens_.empty()) {
      tokens_ = tokens_.subspan(1);
    }
    return last_;
  }

  [[nodiscard]] Token peek() const noexcept { return tokens_.empty() ? Token{} : tokens_.front(); }

  [[nodiscard]] Token last() const noexcept { return last_; }

  [[nodiscard]] NameView origin() const noexcept { return origin_; }

  [[nodiscard]] RrType type() const noexcept { return type_; }

  /// `A record needs <what>, got "..."`, about the last token.
  [[nodiscard]] std::unexpected<Error> needs(std::string_view what) const;

 private:
  std::span<const Token> tokens_;
  NameView origin_;
  RrType type_;
  Token last_;
};

/// Appends the rdata that the cursor's tokens are, all of them; `\# n hex` for every type (RFC 3597
/// s5). Fails: kInvalid, the cursor's last() being the place; `to` may have grown then.
Status append_rdata_from_tokens(TokenCursor& from, Octets& to);

/// Digits only, at most `max`.
[[nodiscard]] std::optional<std::uint32_t> number_from_text(std::string_view text,
                                                            std::uint32_t max) noexcept;
/// Seconds as digits, or groups of digits and one of w d h m s in any case; at most `max`.
[[nodiscard]] std::optional<std::uint32_t> seconds_from_text(std::string_view text,
                                                             std::uint32_t max) noexcept;

/// A name of plain octets as almost all are; 0 when it needs Name::from_text (escapes, `@`,
/// errors).
[[nodiscard]] std::size_t plain_name_from_text(
    std::string_view text, NameView origin, std::span<std::uint8_t, kMaxNameOctets> out) noexcept;

/// Appends what `text` stands for, \X and \DDD resolved (RFC 1035 s5.1). False when an escape is
/// wrong.
[[nodiscard]] bool append_unescaped(std::string_view text, Octets& to);
/// Appends `octets` in quotes, with what needs it as \X or \DDD.
void append_quoted(OctetSpan octets, std::string& to);

Result<std::uint32_t> take_number(TokenCursor& from, std::uint32_t max);
Status append_name(TokenCursor& from, Octets& to);
/// The remaining tokens as one text: hex and base64 may be split at will.
Result<std::string> take_rest(TokenCursor& from, std::string_view what);

}  // namespace tandem
