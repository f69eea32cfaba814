#include "common/crypto/tsig_key_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "common/base/conf_words.h"
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

/// The next word of a file of BIND; nothing at its end. Fails: naming the line.
Result<std::optional<ConfWord>> next_word(ConfWords& words) {
  auto word = words.next();
  return word ? std::move(word) : fail(Errc::kInvalid, "line {}", word.error().detail);
}

bool is(const std::optional<ConfWord>& word, ConfWord::Kind kind) {
  return word && word->kind == kind;
}

/// The fields of one `key NAME { ... }`, from behind its brace to the one that ends it.
Status read_bind_fields(ConfWords& words, Draft& draft) {
  while (const auto field = TRY(next_word(words))) {
    if (field->kind == ConfWord::Kind::kClose) {
      return {};
    }
    if (field->kind == ConfWord::Kind::kEnd) {
      continue;
    }
    const auto value = TRY(next_word(words));
    const auto end = TRY(next_word(words));
    std::optional<std::string>* const place = field->text == "algorithm" ? &draft.algorithm
                                              : field->text == "secret"  ? &draft.secret
                                                                         : nullptr;
    if (place == nullptr || !is(value, ConfWord::Kind::kText) || !is(end, ConfWord::Kind::kEnd)) {
      return fail(Errc::kInvalid,
                  "line {}: expected `algorithm ALGORITHM;` or `secret \"BASE64\";`", field->line);
    }
    *place = value->text;
  }
  return fail(Errc::kInvalid, "line {}: the key has no end, expected `}};`", draft.line);
}

Status read_bind(std::string_view text, Keys& keys) {
  ConfWords words(text);
  std::size_t depth = 0;  // of the braces of other statements
  bool begins = true;     // a statement
  while (const auto word = TRY(next_word(words))) {
    const bool is_key = word->kind == ConfWord::Kind::kText && word->text == "key";
    if (depth == 0 && begins && is_key) {
      Draft draft{word->line, {}, {}, {}};
      const auto name = TRY(next_word(words));
      const auto brace = TRY(next_word(words));
      if (!name || !is(name, ConfWord::Kind::kText) || !is(brace, ConfWord::Kind::kOpen)) {
        return fail(Errc::kInvalid, "line {}: expected `key \"NAME\" {{`", word->line);
      }
      draft.name = name->text;
      TRYV(read_bind_fields(words, draft));
      TRYV(keys.add(draft));
    } else if (word->kind == ConfWord::Kind::kOpen) {
      ++depth;
    } else if (word->kind == ConfWord::Kind::kClose && depth > 0) {
      --depth;
    }
    begins = word->kind == ConfWord::Kind::kEnd || is_key;
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
