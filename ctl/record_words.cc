#include "ctl/record_words.h"

#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "common/dns/shown_text.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxStringOctets = 255;  // RFC 1035 s3.3

bool is_text_type(RrType type) {
  return type == RrType::kTxt || type == RrType::kSpf;
}

/// Presentation form as the user wrote it. A text that has a quote elsewhere only is itself.
bool is_quoted(std::string_view word) {
  return word.size() >= 2 && word.starts_with('"') && word.ends_with('"');
}

bool has_quotes(std::string_view word) {
  return word.find('"') != std::string_view::npos;
}

void append_quoted(std::string_view word, std::string& to) {
  to += '"';
  for (const char c : word) {
    if (c == '"' || c == '\\') {
      to += '\\';
    }
    to += c;
  }
  to += '"';
}

/// A word as it is meant, in strings that DNS can carry.
void append_strings(std::string_view word, std::string& to) {
  do {
    append_quoted(word.substr(0, kMaxStringOctets), to);
    word.remove_prefix(std::min(word.size(), kMaxStringOctets));
    to += word.empty() ? "" : " ";
  } while (!word.empty());
}

std::string joined(RrType type, std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) {
    out += out.empty() ? "" : " ";
    if (is_text_type(type) && !is_quoted(word)) {
      append_strings(word, out);
    } else if (words.size() > 1 && !has_quotes(word) &&
               word.find_first_of(" \t;") != std::string::npos) {
      append_quoted(word, out);
    } else {
      out += word;
    }
  }
  return out;
}

/// The one class that there is.
bool is_internet(std::span<const std::string> words) {
  return !words.empty() && (words.front() == "IN" || words.front() == "in");
}

/// No type is named like that: a TTL is meant.
bool is_number(std::span<const std::string> words) {
  return !words.empty() && words.front().find_first_not_of("+-0123456789") == std::string::npos;
}

/// `@home4`: what a named address is; the node knows it.
bool names_address(RrType type, std::string_view word) {
  return (type == RrType::kA || type == RrType::kAaaa) && word.size() > 1 && word.starts_with('@');
}

/// `mail.example.com` without its final dot becomes `mail.example.com.example.com.`.
bool names_zone_twice(std::string_view data, const Name& zone) {
  const std::string name = zone.to_text();
  return !zone.is_root() && data.find("." + name + name) != std::string_view::npos;
}

}  // namespace

Result<Name> name_in_zone(std::string_view text, const Name& zone) {
  Name relative = TRY(Name::from_text(text, zone));
  if (const auto absolute = Name::from_text(text); absolute && absolute->is_subdomain_of(zone)) {
    return text == "@" ? relative : *absolute;
  }
  if (!relative.is_subdomain_of(zone)) {
    return fail(Errc::kInvalid, "{} is not in the zone {}", relative.to_text(), zone.to_text());
  }
  return relative;
}

Result<Name> host_of_zone(std::string_view text, const Name& zone) {
  return text.find('.') == std::string_view::npos ? Name::from_text(text, zone)
                                                  : Name::from_text(text);
}

Result<RrType> record_type(std::string_view text) {
  const auto type = rr_type_from_text(text);
  if (!type || is_meta_type(*type)) {
    return fail(Errc::kInvalid,
                "{} is no record type; expected one such as A, MX, TXT or TYPE65280",
                shown_text(text));
  }
  return *type;
}

Result<std::vector<std::string>> record_data(RrType type, std::span<const std::string> words,
                                             const Name& zone) {
  const auto whole = rdata_from_text(type, joined(type, words), zone);
  if (whole) {
    return std::vector<std::string>{rdata_to_text(type, *whole)};
  }
  std::vector<std::string> data;
  std::optional<Error> bad;
  for (const std::string& word : words) {
    if (names_address(type, word)) {
      data.push_back(word);
      continue;
    }
    auto each = rdata_from_text(type, word, zone);
    if (each) {
      data.push_back(rdata_to_text(type, *each));
    } else if (!bad) {
      bad = std::move(each.error());
    }
  }
  if (bad) {
    // Words none of which is a record were meant as one together.
    return fail(Errc::kInvalid, "{}", data.empty() ? whole.error().detail : bad->detail);
  }
  return data;
}

Result<RecordWords> record_words(std::span<const std::string> words, const Name& zone) {
  RecordWords out;
  // The class may stand before the TTL or behind it, as in a file (RFC 1035 s5.1).
  words = words.subspan(is_internet(words) ? 1 : 0);
  if (!words.empty()) {
    out.ttl = ttl_from_text(words.front());
  }
  if (!out.ttl && is_number(words)) {
    return fail(Errc::kInvalid, "{} is no TTL; expected 0 to 2147483647 seconds",
                shown_text(words.front()));
  }
  words = words.subspan(out.ttl ? 1 : 0);
  words = words.subspan(is_internet(words) ? 1 : 0);
  if (words.size() < 2) {
    return fail(Errc::kInvalid, "expected [TTL] TYPE DATA...");
  }
  out.type = TRY(record_type(words.front()));
  out.data = TRY(record_data(out.type, words.subspan(1), zone));
  for (const std::string& data : out.data) {
    if (names_zone_twice(data, zone)) {
      out.warnings.push_back(fmt::format(
          "{} {}: a name without its final dot is relative to the zone", to_text(out.type), data));
    }
  }
  return out;
}

}  // namespace tandem
