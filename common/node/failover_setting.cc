#include "common/node/failover_setting.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/dns/rdata.h"
#include "common/dns/shown_text.h"
#include "common/node/rule_words.h"

namespace tandem {
namespace {

// What stands in for a while must not stay in caches for long.
constexpr std::uint32_t kUsualTtl = 60;
constexpr unsigned kMaxEvery = 3'600;
constexpr unsigned kMaxInARow = 100;
constexpr unsigned kMaxTtl = 0x7fff'ffff;  // RFC 2181 s8
constexpr unsigned kLeastStatus = 100;
constexpr unsigned kMaxStatus = 599;
constexpr std::string_view kForms =
    "expected check:TARGET, host:NAME, status:N, text:TEXT, every:SECONDS, fall:N, rise:N, "
    "mode:answers, mode:changes, ttl:SECONDS or alternative:DATA, with spaces between";

Result<std::string> decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t at = std::min(text.find('%'), text.size());
    out += text.substr(0, at);
    text.remove_prefix(at);
    if (text.empty()) {
      break;
    }
    if (!text.starts_with("%20") && !text.starts_with("%25")) {
      return fail(Errc::kInvalid, "a % is written %25, a space %20");
    }
    out += text.starts_with("%20") ? ' ' : '%';
    text.remove_prefix(3);
  }
  return out;
}

Result<unsigned> number_in(std::string_view text, unsigned least, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    return fail(Errc::kInvalid, "expected a number from {} to {}", least, most);
  }
  return value;
}

/// Reads the words, whose order does not matter.
class Reader {
 public:
  explicit Reader(const FailoverKey& key) : key_(key) {
    out_.alternative = {key.owner, key.type, kUsualTtl, {}};
  }

  Status take(const RuleWord& word) {
    if (word.kind == "check") {
      target_ = TRY(HealthTarget::from_text(word.value));
      return {};
    }
    if (word.kind == "host" || word.kind == "status" || word.kind == "text") {
      return take_of_http(word);
    }
    if (word.kind == "every" || word.kind == "fall" || word.kind == "rise") {
      return take_pace(word);
    }
    if (word.text == "mode:answers" || word.text == "mode:changes") {
      out_.mode = word.value == "answers" ? FailoverMode::kAnswers : FailoverMode::kChanges;
      return {};
    }
    return take_set(word);
  }

  Result<FailoverSetting> done() {
    if (!target_) {
      return fail(Errc::kInvalid, "a check is missing: {}", kForms);
    }
    if (out_.alternative.rdatas.empty()) {
      return fail(Errc::kInvalid, "an alternative is missing: {}", kForms);
    }
    if (out_.base && out_.base->rdatas.empty()) {
      return fail(Errc::kInvalid, "the base has no data");
    }
    if (!target_->is_http() && is_of_http_) {
      return fail(Errc::kInvalid, "host:, status: and text: are of http and https alone");
    }
    target_->host = http_.host;
    target_->status = http_.status;
    target_->text = http_.text;
    out_.target = *std::move(target_);
    return std::move(out_);
  }

 private:
  Status take_of_http(const RuleWord& word) {
    is_of_http_ = true;
    if (word.kind == "host") {
      http_.host = TRY(Name::from_text(word.value)).lower().to_text();
      if (http_.host.size() > 1) {
        http_.host.pop_back();  // neither HTTP nor certificates have the final dot
      }
    } else if (word.kind == "status") {
      http_.status =
          static_cast<std::uint16_t>(TRY(number_in(word.value, kLeastStatus, kMaxStatus)));
    } else {
      http_.text = TRY(decoded(word.value));
    }
    return {};
  }

  Status take_pace(const RuleWord& word) {
    if (word.kind == "every") {
      out_.pace.every = std::chrono::seconds(TRY(number_in(word.value, 1, kMaxEvery)));
    } else {
      (word.kind == "fall" ? out_.pace.fall : out_.pace.rise) =
          TRY(number_in(word.value, 1, kMaxInARow));
    }
    return {};
  }

  Status take_set(const RuleWord& word) {
    const bool is_of_base = word.kind.starts_with("base");
    if (is_of_base && !out_.base) {
      out_.base = RrSet{key_.owner, key_.type, kUsualTtl, {}};
    }
    RrSet& set = is_of_base ? *out_.base : out_.alternative;
    if (word.kind == "ttl" || word.kind == "base-ttl") {
      set.ttl = TRY(number_in(word.value, 0, kMaxTtl));
    } else if (word.kind == "alternative" || word.kind == "base") {
      const std::string text = TRY(decoded(word.value));
      Octets rdata = TRY(rdata_from_text(key_.type, text, key_.zone));
      const auto is_same = [&](const Octets& there) {
        return compare_rdata(key_.type, there, rdata) == 0;
      };
      if (std::ranges::none_of(set.rdatas, is_same)) {
        set.rdatas.push_back(std::move(rdata));
      }
    } else {
      return fail(Errc::kInvalid, "{}", kForms);
    }
    return {};
  }

  const FailoverKey& key_;
  FailoverSetting out_;
  std::optional<HealthTarget> target_;
  HealthTarget http_;
  bool is_of_http_ = false;
};

void add_set(const RrSet& set, std::string_view ttl, std::string_view kind, std::string& out) {
  out += fmt::format(" {}:{}", ttl, set.ttl);
  for (const Octets& rdata : set.rdatas) {
    out += fmt::format(" {}:{}", kind, encoded_word(rdata_to_text(set.type, rdata)));
  }
}

std::string check_words(const HealthTarget& target, const HealthPace& pace) {
  std::string out = fmt::format("check:{}", target.to_text());
  if (!target.host.empty()) {
    out += " host:" + target.host;
  }
  if (target.status != 0) {
    out += fmt::format(" status:{}", target.status);
  }
  if (!target.text.empty()) {
    out += " text:" + encoded_word(target.text);
  }
  return out + fmt::format(" every:{} fall:{} rise:{}", pace.every.count(), pace.fall, pace.rise);
}

}  // namespace

std::string encoded_word(std::string_view text) {
  std::string out;
  for (const char octet : text) {
    if (octet == ' ' || octet == '%') {
      out += octet == ' ' ? "%20" : "%25";
    } else {
      out += octet;
    }
  }
  return out;
}

std::string_view to_text(FailoverMode mode) noexcept {
  return mode == FailoverMode::kAnswers ? "answers" : "changes";
}

std::string FailoverKey::to_text() const {
  return fmt::format("{} {} {}", zone.lower().to_text(), owner.lower().to_text(),
                     tandem::to_text(type));
}

Result<FailoverKey> FailoverKey::from_text(std::string_view text) {
  const std::size_t first = std::min(text.find(' '), text.size());
  const std::size_t second = std::min(text.find(' ', first + 1), text.size());
  const auto type =
      second < text.size() ? rr_type_from_text(text.substr(second + 1)) : std::nullopt;
  if (!type || first == 0 || second == first + 1) {
    return fail(Errc::kInvalid, "{}: expected ZONE OWNER TYPE", shown_text(text));
  }
  return FailoverKey{TRY(Name::from_text(text.substr(0, first))),
                     TRY(Name::from_text(text.substr(first + 1, second - first - 1))), *type};
}

Result<FailoverSetting> FailoverSetting::from_text(const FailoverKey& key, std::string_view text) {
  if (!is_printable(text)) {
    return fail(Errc::kInvalid, "a failover's words are printable and on one line");
  }
  Reader reader(key);
  TRYV(read_rule_words(text, [&reader](const RuleWord& word) { return reader.take(word); }));
  return reader.done();
}

std::string FailoverSetting::to_text() const {
  std::string out = check_words(target, pace);
  if (mode == FailoverMode::kChanges) {
    out += " mode:changes";
  }
  add_set(alternative, "ttl", "alternative", out);
  if (base) {
    add_set(*base, "base-ttl", "base", out);
  }
  return out;
}

Result<Failover> Failover::from(const std::string& name, const std::string& value) {
  const FailoverKey key = TRY(FailoverKey::from_text(name));
  FailoverSetting setting = TRY(FailoverSetting::from_text(key, value));
  const std::string words =
      fmt::format("{} {}", key.to_text(), check_words(setting.target, setting.pace));
  const auto digest = sha256(as_octets(words));
  Failover out{key, std::move(setting), {}};
  std::copy_n(digest.begin(), out.check.size(), out.check.begin());
  return out;
}

}  // namespace tandem
