#include "common/dns/master_file_scanner.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tandem {
namespace {

enum class OctetClass : std::uint8_t {
  kPlain,
  kBlank,
  kNewline,
  kComment,
  kOpen,
  kClose,
  kQuote,
  kEscape
};

consteval std::array<OctetClass, 256> classify_octets() {
  std::array<OctetClass, 256> table{};
  table[' '] = OctetClass::kBlank;
  table['\t'] = OctetClass::kBlank;
  table['\r'] = OctetClass::kBlank;  // CRLF files: the line ends at the LF
  table['\n'] = OctetClass::kNewline;
  table[';'] = OctetClass::kComment;
  table['('] = OctetClass::kOpen;
  table[')'] = OctetClass::kClose;
  table['"'] = OctetClass::kQuote;
  table['\\'] = OctetClass::kEscape;
  return table;
}

constexpr std::array<OctetClass, 256> kOctetClasses = classify_octets();

OctetClass class_of(char c) noexcept {
  return kOctetClasses[static_cast<unsigned char>(c)];
}

/// The next octet that is not plain: the one loop that decides the scanner's speed.
const char* find_special(const char* at, const char* end) noexcept {
  while (at != end && class_of(*at) == OctetClass::kPlain) {
    ++at;
  }
  return at;
}

/// How many octets the escape at `at` keeps together: the backslash and one more, unless the line
/// ends there.
std::ptrdiff_t escape_octets(const char* at, const char* end) noexcept {
  return end - at > 1 && at[1] != '\n' && at[1] != '\r' ? 2 : 1;
}

}  // namespace

void MasterFileScanner::start(std::string_view text) noexcept {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  at_ = text.data();
  end_ = text.data() + text.size();
  line_start_ = at_;
  line_number_ = 1;
  next_line_number_ = 1;
  unclosed_count_ = 0;
  next_unclosed_ = 0;
}

MasterFileScanner::Found MasterFileScanner::next() {
  while (at_ != end_) {
    const Found found = scan_line();
    if (found == Found::kProblem || !tokens_.empty()) {
      return found;
    }
  }
  return Found::kEnd;
}

MasterFileScanner::Found MasterFileScanner::scan_line() {
  tokens_.clear();
  problem_ = {};
  depth_ = 0;
  line_start_ = at_;
  line_number_ = next_line_number_;
  begins_with_blank_ = class_of(*at_) == OctetClass::kBlank;
  bool is_whole = false;
  while (!is_whole && at_ != end_) {
    switch (class_of(*at_)) {
      case OctetClass::kPlain:
      case OctetClass::kEscape:
        scan_plain();
        break;
      case OctetClass::kBlank:
        ++at_;
        break;
      case OctetClass::kNewline:
        ++at_;
        ++next_line_number_;
        is_whole = depth_ == 0;
        break;
      case OctetClass::kComment:
        skip_to_newline();
        break;
      case OctetClass::kOpen:
        open_parenthesis();
        break;
      case OctetClass::kClose:
        close_parenthesis();
        break;
      case OctetClass::kQuote:
        scan_quoted();
        break;
    }
  }
  if (depth_ != 0) {
    return unclosed_parenthesis();
  }
  if (tokens_.size() > kMaxLineTokens) {
    set_problem("line has too many words, at most 131072 fit in a record",
                tokens_.back().text.begin());
  }
  return problem_.at == nullptr ? Found::kLine : Found::kProblem;
}

void MasterFileScanner::add_token(Token token) {
  if (tokens_.size() <= kMaxLineTokens) {  // one more than may be: that is the problem
    tokens_.push_back(token);
  }
}

void MasterFileScanner::scan_plain() {
  const char* const start = at_;
  at_ = find_special(at_, end_);
  while (at_ != end_ && *at_ == '\\') {
    at_ = find_special(at_ + escape_octets(at_, end_), end_);
  }
  add_token({{start, at_}, TokenKind::kPlain});
}

void MasterFileScanner::scan_quoted() {
  const char* const quote = at_++;
  while (at_ != end_ && *at_ != '"' && *at_ != '\n') {
    at_ += *at_ == '\\' ? escape_octets(at_, end_) : 1;
  }
  if (at_ == end_ || *at_ == '\n') {
    set_problem("quoted text is not closed on its line, expected a second \"", quote);
    return;
  }
  add_token({{quote + 1, at_}, TokenKind::kQuoted});
  ++at_;
}

void MasterFileScanner::open_parenthesis() noexcept {
  if (is_known_unclosed()) {
    set_problem("parenthesis is never closed", at_);
    skip_to_newline();
    return;
  }
  if (depth_ < kMaxUnclosed) {
    opened_[depth_] = at_;
  }
  ++depth_;
  ++at_;
}

bool MasterFileScanner::is_known_unclosed() noexcept {
  while (next_unclosed_ < unclosed_count_ && unclosed_[next_unclosed_] < at_) {
    ++next_unclosed_;  // on a line that was skipped
  }
  return next_unclosed_ < unclosed_count_ && unclosed_[next_unclosed_] == at_;
}

void MasterFileScanner::close_parenthesis() noexcept {
  if (depth_ == 0) {
    set_problem("closing parenthesis without an opening one", at_);
    skip_to_newline();
    return;
  }
  --depth_;
  ++at_;
}

MasterFileScanner::Found MasterFileScanner::unclosed_parenthesis() noexcept {
  // The parenthesis may have swallowed every record behind it: go on right after the line that
  // opened it. What is still open here is never closed either, however often it is read again.
  unclosed_count_ = std::min(depth_, kMaxUnclosed);
  std::copy_n(opened_.begin(), unclosed_count_, unclosed_.begin());
  next_unclosed_ = 0;
  set_problem("parenthesis is never closed", opened_[0]);
  next_line_number_ = place_of(opened_[0]).line;
  at_ = opened_[0];
  skip_to_newline();
  if (at_ != end_) {
    ++at_;
    ++next_line_number_;
  }
  return Found::kProblem;
}

void MasterFileScanner::skip_to_newline() noexcept {
  const void* const newline = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
  at_ = newline != nullptr ? static_cast<const char*>(newline) : end_;
}

void MasterFileScanner::set_problem(std::string_view text, const char* at) noexcept {
  if (problem_.at == nullptr) {
    problem_ = {text, at};
  }
}

TextPlace MasterFileScanner::place_of(const char* at) const noexcept {
  TextPlace place{line_number_, 1};
  const char* start = line_start_;
  for (const char* newline = std::find(start, at, '\n'); newline != at;
       newline = std::find(start, at, '\n')) {
    start = newline + 1;
    ++place.line;
  }
  place.column = static_cast<std::uint32_t>(at - start) + 1;
  return place;
}

}  // namespace tandem
