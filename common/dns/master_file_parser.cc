#include "common/dns/master_file_parser.h"

#include <algorithm>

#include <fmt/core.h>

#include "common/dns/rdata_text.h"

namespace tandem {
namespace {

bool is_class_in(std::string_view text) noexcept {
  return text.size() == 2 && (text[0] == 'I' || text[0] == 'i') &&
         (text[1] == 'N' || text[1] == 'n');
}

bool begins_with_digit(const Token& token) noexcept {
  return token.kind == TokenKind::kPlain && token.text[0] >= '0' && token.text[0] <= '9';
}

}  // namespace

std::optional<RrType> TypeMemo::find(std::string_view text) {
  std::uint64_t key = text.size();
  if (text.empty() || text.size() >= sizeof key) {
    return rr_type_from_text(text);
  }
  for (const char c : text) {
    key = key << 8U | static_cast<unsigned char>(c);
  }
  constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;  // 2^64 by the golden ratio
  constexpr unsigned kSlotBits = 6;
  Slot& slot = slots_[(key * kSpread) >> (64 - kSlotBits)];
  if (slot.key == key) {
    return slot.type;
  }
  const auto type = rr_type_from_text(text);
  if (type) {
    slot = {key, *type};
  }
  return type;
}

MasterFileParser::MasterFileParser(const MasterFileOptions& options, const RecordSink& sink)
    : options_(options), sink_(sink), origin_(options.origin) {}

MasterFileReport MasterFileParser::run(std::string_view text) {
  open_source(std::make_unique<Source>(), options_.file_name, text);
  while (!sources_.empty() && !report_.too_many_errors) {
    switch (scanner().next()) {
      case MasterFileScanner::Found::kLine:
        parse_line();
        break;
      case MasterFileScanner::Found::kProblem:
        report_problem();
        break;
      case MasterFileScanner::Found::kEnd:
        leave_source();
        break;
    }
  }
  return std::move(report_);
}

void MasterFileParser::open_source(std::unique_ptr<Source> source, std::string file,
                                   std::string_view text) {
  source->file = static_cast<std::uint32_t>(report_.files.size());
  report_.files.push_back(std::move(file));
  source->scanner.start(text);
  sources_.push_back(std::move(source));
}

void MasterFileParser::report_problem() {
  if (!scanner().begins_with_blank()) {
    owner_state_ = OwnerState::kUnknown;  // the line had one, but it is lost with the rest
  }
  report_error(scanner().place_of(scanner().problem().at), std::string(scanner().problem().text));
}

void MasterFileParser::parse_line() {
  const Tokens tokens = scanner().tokens();
  if (tokens[0].kind == TokenKind::kPlain && tokens[0].text[0] == '$') {
    parse_directive(tokens);
  } else {
    parse_record(tokens);
  }
}

void MasterFileParser::parse_record(Tokens tokens) {
  if (!scanner().begins_with_blank()) {
    if (!set_owner(tokens[0])) {
      return;
    }
    tokens = tokens.subspan(1);
  } else if (owner_state_ == OwnerState::kNone) {
    report_error(tokens[0], "record leaves its owner out, expected a name before the first one");
    return;
  }
  if (const auto head = parse_head(tokens)) {
    add_record(*head, tokens.subspan(head->token_count));
  }
}

bool MasterFileParser::set_owner(const Token& token) {
  owner_state_ = OwnerState::kUnknown;
  if (token.kind != TokenKind::kPlain) {
    report_error(token, fmt::format("owner needs to be a domain name, got {}", got(token)));
    return false;
  }
  owner_octets_ = plain_name_from_text(token.text, origin_, owner_);
  if (owner_octets_ == 0) {
    const auto name = Name::from_text(token.text, origin_);
    if (!name) {
      report_error(token, "owner needs to be a domain name: " + name.error().detail);
      return false;
    }
    owner_octets_ = name->size();
    std::ranges::copy(name->wire(), owner_.begin());
  }
  owner_state_ = OwnerState::kKnown;
  return true;
}

std::optional<MasterFileParser::RecordHead> MasterFileParser::parse_head(Tokens tokens) {
  RecordHead head;
  bool has_class = false;
  for (; head.token_count < tokens.size(); ++head.token_count) {
    const Token& token = tokens[head.token_count];
    if (begins_with_digit(token) && !head.ttl) {
      head.ttl = ttl_from_text(token.text);
      if (!head.ttl) {
        report_error(token, fmt::format("TTL needs seconds up to {} or units such as 1h30m, got {}",
                                        kMaxTtlSeconds, got(token)));
        return std::nullopt;
      }
      continue;
    }
    if (!has_class && token.kind == TokenKind::kPlain && is_class_in(token.text)) {
      has_class = true;
      continue;
    }
    const auto type =
        token.kind == TokenKind::kPlain ? types_.find(token.text) : std::optional<RrType>();
    if (!type) {
      const auto rr_class = rr_class_from_text(token.text);
      if (!has_class && rr_class == RrClass::kIn) {  // as CLASS1
        has_class = true;
        continue;
      }
      report_error(token,
                   rr_class && !has_class
                       ? fmt::format("class {} is not served, expected IN", to_text(*rr_class))
                       : fmt::format("expected a record type, got {}", got(token)));
      return std::nullopt;
    }
    if (is_meta_type(*type)) {
      report_error(
          token, fmt::format("{} is never data of a zone, expected a record type", to_text(*type)));
      return std::nullopt;
    }
    head.type = *type;
    ++head.token_count;
    return head;
  }
  report_error(Token(), "expected a record type, got nothing");
  return std::nullopt;
}

bool MasterFileParser::add_record(const RecordHead& head, Tokens rdata) {
  rdata_.clear();
  TokenCursor cursor(head.type, rdata, origin_);
  const Status status = append_rdata_from_tokens(cursor, rdata_);
  if (!status) {
    report_error(cursor.last(), status.error().detail);
    return false;
  }
  const auto ttl = ttl_of(head);
  if (!ttl) {
    return false;
  }
  if (owner_state_ == OwnerState::kKnown) {
    ++report_.record_count;
    const TextPlace place = place_of(scanner().tokens()[0]);
    sink_({owner(), head.type, *ttl, rdata_, {sources_.back()->file, place.line, place.column}});
  }
  return true;
}

std::optional<std::uint32_t> MasterFileParser::ttl_of(const RecordHead& head) {
  if (head.ttl) {
    previous_ttl_ = head.ttl;
    return head.ttl;
  }
  if (default_ttl_) {
    return default_ttl_;
  }
  if (previous_ttl_) {
    return previous_ttl_;
  }
  const Token& place = scanner().tokens()[0];
  const std::uint32_t minimum =
      head.type == RrType::kSoa ? load_be32(rdata_.data() + rdata_.size() - 4) : kMaxTtlSeconds + 1;
  if (minimum > kMaxTtlSeconds) {
    report_error(place, "record has no TTL, expected one here or a $TTL line before");
    return std::nullopt;
  }
  report_warning(place,
                 fmt::format("SOA record has no TTL and no $TTL stands before it: its MINIMUM "
                             "{} is used",
                             minimum));
  previous_ttl_ = minimum;
  return minimum;
}

TextPlace MasterFileParser::place_of(const Token& token) const {
  if (generate_place_) {
    return *generate_place_;
  }
  const MasterFileScanner& scanner = sources_.back()->scanner;
  if (token.kind != TokenKind::kEnd) {
    return scanner.place_of(token.text.data() - (token.kind == TokenKind::kQuoted ? 1 : 0));
  }
  const Token& last = scanner.tokens().back();
  return scanner.place_of(last.text.data() + last.text.size() +
                          (last.kind == TokenKind::kQuoted ? 1 : 0));
}

void MasterFileParser::report_error(TextPlace place, std::string text) {
  if (error_count_ == kMaxDiagnostics) {
    report_.too_many_errors = true;
    return;
  }
  ++error_count_;
  report_.diagnostics.push_back(
      {Diagnostic::Severity::kError, file(), place.line, place.column, std::move(text)});
}

void MasterFileParser::report_warning(const Token& token, std::string text) {
  if (warning_count_ == kMaxDiagnostics) {
    return;
  }
  ++warning_count_;
  const TextPlace place = place_of(token);
  report_.diagnostics.push_back(
      {Diagnostic::Severity::kWarning, file(), place.line, place.column, std::move(text)});
}

}  // namespace tandem
