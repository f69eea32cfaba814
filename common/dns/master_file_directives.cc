// The lines that begin with a dollar sign: $ORIGIN, $TTL, $INCLUDE (RFC 1035 s5.1, RFC 2308 s4) and
// $GENERATE.
#include <algorithm>

#include <fmt/core.h>

#include "common/dns/master_file_generate.h"
#include "common/dns/master_file_parser.h"
#include "common/dns/master_file_path.h"
#include "common/dns/rdata_text.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxIncludeDepth = 16;     // a file that includes itself ends here
constexpr std::size_t kMaxIncludedFiles = 4096;  // so that nesting cannot multiply without end

bool is_directive(const Token& token, std::string_view name) {
  return equal_fold(as_octets(token.text), as_octets(name));
}

Token token_at(std::span<const Token> tokens, std::size_t index) {
  return index < tokens.size() ? tokens[index] : Token{};
}

/// A token as it was written, its quotes included.
void append_token(const Token& token, std::string& to) {
  const std::string_view quote = token.kind == TokenKind::kQuoted ? "\"" : "";
  to += quote;
  to += token.text;
  to += quote;
}

bool is_glued(const Token& before, const Token& token) noexcept {
  return token.kind == TokenKind::kQuoted && before.kind == TokenKind::kPlain &&
         before.text.data() + before.text.size() + 1 == token.text.data();
}

/// The rdata part of $GENERATE as one text. A single quoted token is the text itself, which is how
/// BIND has several words: `$GENERATE 1-9 @ MX "10 mail$"`.
std::string rdata_pattern_of(std::span<const Token> tokens) {
  if (tokens.size() == 1 && tokens[0].kind == TokenKind::kQuoted) {
    std::string pattern;
    for (std::size_t at = 0; at < tokens[0].text.size(); ++at) {
      const std::string_view rest = tokens[0].text.substr(at);
      at += rest.starts_with("\\\"") ? 1U : 0U;  // a quote inside the quotes
      pattern += tokens[0].text[at];
      if (rest.starts_with('\\') && rest.size() > 1 && rest[1] != '"') {
        pattern += tokens[0].text[++at];
      }
    }
    return pattern;
  }
  std::string pattern;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && !is_glued(tokens[i - 1], tokens[i])) {
      pattern += ' ';
    }
    append_token(tokens[i], pattern);
  }
  return pattern;
}

}  // namespace

void MasterFileParser::parse_directive(Tokens tokens) {
  const Token& directive = tokens[0];
  if (is_directive(directive, "$ORIGIN")) {
    set_origin(tokens);
  } else if (is_directive(directive, "$TTL")) {
    set_default_ttl(tokens);
  } else if (is_directive(directive, "$INCLUDE")) {
    include(tokens);
  } else if (is_directive(directive, "$GENERATE")) {
    generate(tokens);
  } else {
    report_error(directive, fmt::format("expected $ORIGIN, $TTL, $INCLUDE or $GENERATE, got {}",
                                        got(directive)));
  }
}

void MasterFileParser::set_default_ttl(Tokens tokens) {
  const Token token = token_at(tokens, 1);
  const auto ttl =
      token.kind == TokenKind::kPlain ? ttl_from_text(token.text) : std::optional<std::uint32_t>();
  if (!ttl) {
    report_error(token,
                 fmt::format("$TTL needs seconds up to 2147483647 or units such as 1h30m, got {}",
                             got(token)));
    return;
  }
  if (tokens.size() > 2) {
    report_error(tokens[2], fmt::format("$TTL needs nothing more, got {}", got(tokens[2])));
    return;
  }
  default_ttl_ = ttl;
}

std::optional<Name> MasterFileParser::directive_name(const Token& token,
                                                     std::string_view directive) {
  if (token.kind != TokenKind::kPlain) {
    report_error(token, fmt::format("{} needs a domain name, got {}", directive, got(token)));
    return std::nullopt;
  }
  auto name = Name::from_text(token.text, origin_);
  if (!name) {
    report_error(token, fmt::format("{} needs a domain name: {}", directive, name.error().detail));
    return std::nullopt;
  }
  return *name;
}

void MasterFileParser::set_origin(Tokens tokens) {
  const auto origin = directive_name(token_at(tokens, 1), "$ORIGIN");
  if (!origin) {
    return;
  }
  if (tokens.size() > 2) {
    report_error(tokens[2], fmt::format("$ORIGIN needs nothing more, got {}", got(tokens[2])));
    return;
  }
  origin_ = *origin;
}

void MasterFileParser::include(Tokens tokens) {
  const Token named = token_at(tokens, 1);
  if (named.text.empty()) {
    report_error(named, "$INCLUDE needs a file's name, got nothing");
    return;
  }
  const auto origin =
      tokens.size() > 2 ? directive_name(tokens[2], "$INCLUDE") : std::optional<Name>(origin_);
  if (!origin) {
    return;
  }
  if (tokens.size() > 3) {
    report_error(tokens[3], fmt::format("$INCLUDE needs nothing more, got {}", got(tokens[3])));
    return;
  }
  if (!options_.open_include) {
    report_error(tokens[0], "$INCLUDE is not allowed here, expected all records in one file");
    return;
  }
  if (sources_.size() > kMaxIncludeDepth || include_count_ == kMaxIncludedFiles) {
    report_error(named, fmt::format("$INCLUDE is nested deeper than {} files or used more than {} "
                                    "times: does {} include itself?",
                                    kMaxIncludeDepth, kMaxIncludedFiles, got(named)));
    return;
  }
  ++include_count_;
  auto text = options_.open_include(file(), named.text);
  if (!text) {
    report_error(named,
                 fmt::format("$INCLUDE cannot read {}: {}", got(named), text.error().detail));
    return;
  }
  enter(included_path(file(), named.text), std::move(*text), *origin);
}

void MasterFileParser::enter(std::string file, std::string text, const Name& origin) {
  auto source = std::make_unique<Source>();
  source->text = std::move(text);
  source->origin_before = origin_;
  source->owner_before.assign(owner().wire().begin(), owner().wire().end());
  source->owner_state_before = owner_state_;
  origin_ = origin;
  const std::string_view whole = source->text;  // stays where it is
  open_source(std::move(source), std::move(file), whole);
}

void MasterFileParser::leave_source() {
  // RFC 1035 s5.1: an included file changes neither the origin nor the owner of the one that
  // includes it.
  const Source& source = *sources_.back();
  origin_ = source.origin_before;
  owner_state_ = source.owner_state_before;
  owner_octets_ = source.owner_before.size();
  std::ranges::copy(source.owner_before, owner_.begin());
  sources_.pop_back();
}

void MasterFileParser::generate(Tokens tokens) {
  const Token range_token = token_at(tokens, 1);
  const auto range = range_token.kind == TokenKind::kPlain
                         ? generate_range_from_text(range_token.text)
                         : std::optional<GenerateRange>();
  if (!range) {
    report_error(range_token, fmt::format("$GENERATE needs a range such as 1-9 or 0-99/10, got {}",
                                          got(range_token)));
    return;
  }
  const Token owner_pattern = token_at(tokens, 2);
  if (owner_pattern.kind != TokenKind::kPlain) {
    report_error(owner_pattern,
                 fmt::format("$GENERATE needs an owner such as host$, got {}", got(owner_pattern)));
    return;
  }
  const auto head = parse_head(tokens.subspan(3));
  if (!head) {
    return;
  }
  if (range->count() > options_.max_generated_records - generated_count_) {
    report_error(range_token,
                 fmt::format("$GENERATE makes more than {} records in this file, got {} more",
                             options_.max_generated_records, range->count()));
    return;
  }
  generated_count_ += range->count();
  const std::string rdata_pattern = rdata_pattern_of(tokens.subspan(3 + head->token_count));
  generate_place_ = place_of(tokens[0]);
  for (std::uint64_t i = 0; i < range->count(); ++i) {
    const auto number = static_cast<std::uint32_t>(range->start + i * range->step);
    // One error is enough: the others would be the same.
    if (!generate_record(owner_pattern.text, *head, rdata_pattern, number)) {
      break;
    }
  }
  generate_place_.reset();
}

bool MasterFileParser::generate_record(std::string_view owner_pattern, const RecordHead& head,
                                       std::string_view rdata_pattern, std::uint32_t number) {
  generated_owner_.clear();
  generated_rdata_.clear();
  Status status = append_generated(owner_pattern, number, generated_owner_);
  if (status) {
    status = append_generated(rdata_pattern, number, generated_rdata_);
  }
  if (!status) {
    report_error(Token(), status.error().detail);
    return false;
  }
  generated_octets_ += generated_owner_.size() + generated_rdata_.size();
  if (generated_octets_ > options_.max_generated_octets) {
    report_error(Token(), fmt::format("$GENERATE makes more than {} octets of text in this file",
                                      options_.max_generated_octets));
    return false;
  }
  if (!set_owner({generated_owner_, TokenKind::kPlain})) {
    return false;
  }
  generated_scanner_.start(generated_rdata_);
  switch (generated_scanner_.next()) {
    case MasterFileScanner::Found::kLine:
      return add_record(head, generated_scanner_.tokens());
    case MasterFileScanner::Found::kProblem:
      report_error(Token(), std::string(generated_scanner_.problem().text));
      return false;
    case MasterFileScanner::Found::kEnd:
      break;
  }
  return add_record(head, {});
}

}  // namespace tandem
