#include "common/crypto/tsig_key_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "common/base/encoding.h"

namespace tandem {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

/// What was read of one key so far, and where it began.
struct Draft {
  std::size_t line = 0;
  std::optional<std::string> name;
  std::optional<std::string> algorithm;
  std::optional<std::string> secret;
};

class Keys {
 public:
  Status add(const Draft& draft) {
    if (!draft.name || !draft.algorithm || !draft.secret) {
      return fail(Errc::kInvalid, "line {}: a key needs a name, an algorithm and a secret",
                  draft.line);
    }
    return add(draft.line, fmt::format("{}:{}:{}", *draft.algorithm, *draft.name, *draft.secret));
  }

  Status add(std::size_t line, std::string_view text) {
    auto key = tsig_key_from_text(text);
    if (!key) {
      return fail(Errc::kInvalid, "line {}: {}", line, key.error().detail);
    }
    if (const auto named = check_key_name(key->name); !named) {
      return fail(Errc::kInvalid, "line {}: {}", line, named.error().detail);
    }
    if (std::ranges::find(keys_, key->name, &TsigKey::name) != keys_.end()) {
      return fail(Errc::kInvalid, "line {}: the key {} is there twice", line, key->name.to_text());
    }
    keys_.push_back(*std::move(key));
    return {};
  }

  Result<std::vector<TsigKey>> take() {
    if (keys_.empty()) {
      return fail(Errc::kInvalid,
                  "no key is in it; expected a key file of BIND, Knot or NSD, or "
                  "ALGORITHM:NAME:BASE64");
    }
    return std::move(keys_);
  }

 private:
  std::vector<TsigKey> keys_;
};

/// The words of named.conf: without comments, each mark (`{`, `}`, `;`) by itself.
class BindWords {
 public:
  explicit BindWords(std::string_view text) : rest_(text) {}

  struct Word {
    std::string_view text;
    std::size_t line = 0;
    bool is_quoted = false;

    [[nodiscard]] bool is(std::string_view mark) const { return !is_quoted && text == mark; }
  };

  /// Nothing at the end.
  std::optional<Word> next() {
    skip_between();
    if (rest_.empty()) {
      return std::nullopt;
    }
    const std::size_t line = line_;
    if (rest_.front() == '"') {
      const std::string_view quoted = skip(1 + std::min(rest_.find('"', 1), rest_.size() - 1));
      return Word{quoted.substr(1, quoted.size() < 2 ? 0 : quoted.size() - 2), line, true};
    }
    constexpr std::string_view kEnds = " \t\r\n\"{};";
    const std::size_t octets = std::max<std::size_t>(1, rest_.find_first_of(kEnds));
    return Word{skip(octets), line};
  }

 private:
  std::string_view skip(std::size_t octets) {
    const std::string_view skipped = rest_.substr(0, octets);
    line_ += static_cast<std::size_t>(std::ranges::count(skipped, '\n'));
    rest_.remove_prefix(skipped.size());
    return skipped;
  }

  void skip_between() {
    while (!rest_.empty()) {
      if (kSpace.contains(rest_.front())) {
        skip(1);
      } else if (rest_.starts_with('#') || rest_.starts_with("//")) {
        skip(rest_.find('\n'));
      } else if (rest_.starts_with("/*")) {
        const std::size_t end = rest_.find("*/", 2);
        skip(end == std::string_view::npos ? end : end + 2);
      } else {
        return;
      }
    }
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

/// The fields of one `key NAME { ... }`, from behind its brace to the one that ends it.
Status read_bind_fields(BindWords& words, Draft& draft) {
  while (const auto field = words.next()) {
    if (field->is("}")) {
      return {};
    }
    if (field->is(";")) {
      continue;
    }
    const auto value = words.next();
    const auto end = words.next();
    std::optional<std::string>* const place = field->is("algorithm") ? &draft.algorithm
                                              : field->is("secret")  ? &draft.secret
                                                                     : nullptr;
    if (place == nullptr || !value || !end || !end->is(";")) {
      return fail(Errc::kInvalid,
                  "line {}: expected `algorithm ALGORITHM;` or `secret \"BASE64\";`", field->line);
    }
    *place = std::string(value->text);
  }
  return fail(Errc::kInvalid, "line {}: the key has no end, expected `}};`", draft.line);
}

Status read_bind(std::string_view text, Keys& keys) {
  BindWords words(text);
  std::size_t depth = 0;  // of the braces of other statements
  bool begins = true;     // a statement
  while (const auto word = words.next()) {
    if (depth == 0 && begins && word->is("key")) {
      Draft draft{word->line, {}, {}, {}};
      const auto name = words.next();
      const auto brace = words.next();
      if (!name || !brace || !brace->is("{")) {
        return fail(Errc::kInvalid, "line {}: expected `key \"NAME\" {{`", word->line);
      }
      draft.name = std::string(name->text);
      TRYV(read_bind_fields(words, draft));
      TRYV(keys.add(draft));
    } else if (word->is("{")) {
      ++depth;
    } else if (word->is("}") && depth > 0) {
      --depth;
    }
    begins = word->is(";") || word->is("key");
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  return first == std::string_view::npos
             ? std::string_view{}
             : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// Calls `take(number, line)` for each line that is not empty, without its comment.
template <class Take>
Status for_each_line(std::string_view text, const Take& take) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    if (const std::string_view line = trimmed(whole.substr(0, whole.find('#'))); !line.empty()) {
      TRYV(take(number, line));
    }
  }
  return {};
}

std::string_view unquoted(std::string_view text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"'
             ? text.substr(1, text.size() - 2)
             : text;
}

/// The sections of knot.conf and nsd.conf, as far as keys are written in them.
class SectionReader {
 public:
  explicit SectionReader(Keys& keys) : keys_(keys) {}

  Status take(std::size_t number, std::string_view line) {
    if (line.ends_with(':')) {
      TRYV(end_key());
      in_keys_ = line == "key:";
      return {};
    }
    return in_keys_ ? take_field(number, line) : Status{};
  }

  Status end_key() {
    const std::optional<Draft> draft = std::exchange(draft_, std::nullopt);
    return draft ? keys_.add(*draft) : Status{};
  }

 private:
  Status take_field(std::size_t number, std::string_view line) {
    if (line.starts_with('-')) {
      TRYV(end_key());
      line = trimmed(line.substr(1));
    }
    if (!draft_) {
      draft_ = Draft{number, {}, {}, {}};
    }
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::optional<std::string>* const place = field == "id" || field == "name" ? &draft_->name
                                              : field == "algorithm"           ? &draft_->algorithm
                                              : field == "secret"              ? &draft_->secret
                                                                               : nullptr;
    if (colon == std::string_view::npos || place == nullptr || place->has_value()) {
      return fail(Errc::kInvalid, "line {}: expected one each of id or name, algorithm, secret",
                  number);
    }
    *place = std::string(unquoted(trimmed(line.substr(colon + 1))));
    return {};
  }

  Keys& keys_;
  std::optional<Draft> draft_;
  bool in_keys_ = false;
};

template <class Predicate>
bool any_line(std::string_view text, const Predicate& predicate) {
  bool found = false;
  static_cast<void>(for_each_line(text, [&](std::size_t /*number*/, std::string_view line) {
    found = found || predicate(line);
    return Status{};
  }));
  return found;
}

}  // namespace

Result<std::vector<TsigKey>> tsig_keys_from_file_text(std::string_view text) {
  Keys keys;
  if (any_line(text, [](std::string_view line) { return line.contains('{'); })) {
    TRYV(read_bind(text, keys));
  } else if (any_line(text, [](std::string_view line) { return line.ends_with(':'); })) {
    SectionReader reader(keys);
    TRYV(for_each_line(text, [&reader](std::size_t number, std::string_view line) {
      return reader.take(number, line);
    }));
    TRYV(reader.end_key());
  } else {
    TRYV(for_each_line(text, [&keys](std::size_t number, std::string_view line) {
      return keys.add(number, line);
    }));
  }
  return keys.take();
}

std::string to_bind_text(const TsigKey& key) {
  return fmt::format("key \"{}\" {{\n\talgorithm {};\n\tsecret \"{}\";\n}};\n", key.name.to_text(),
                     to_text(key.algorithm), to_base64(key.secret));
}

std::string to_knot_text(const TsigKey& key) {
  const std::string name = key.name.to_text();
  const std::string algorithm = to_text(key.algorithm);
  return fmt::format("# {}\nkey:\n  - id: {}\n    algorithm: {}\n    secret: {}\n", to_text(key),
                     name, algorithm, to_base64(key.secret));
}

}  // namespace tandem
