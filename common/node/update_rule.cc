#include "common/node/update_rule.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "common/base/suggestion.h"
#include "common/dns/master_file.h"
#include "common/dns/shown_text.h"
#include "common/node/rule_words.h"

namespace tandem {
namespace {

constexpr std::string_view kForms =
    "expected key:NAME, from:CIDR, name:PATTERN, type:TYPE, wait:none or wait:all, or expire:TIME, "
    "with spaces between";

/// Something with dots or colons between digits is an address that is not quite right.
bool looks_like_address(std::string_view word) {
  return word.find_first_not_of("0123456789abcdefABCDEF.:/") == std::string_view::npos &&
         word.find_first_of(".:/") != std::string_view::npos;
}

constexpr std::array<std::string_view, 6> kKinds = {"key",  "from", "name",
                                                    "type", "wait", "expire"};

Status take_word(const RuleWord& word, NameView origin, UpdateRule& rule) {
  const auto [text, kind, value, next] = word;
  if (kind == text && std::ranges::find(kKinds, kind) != kKinds.end()) {
    return fail(Errc::kInvalid, "did you mean {}:{}, without a space between? {}", kind,
                next.empty() ? "VALUE" : next, kForms);
  }
  if (kind == "key") {
    if (rule.key) {
      return fail(Errc::kInvalid, "a rule is for one key; make another rule");
    }
    rule.key = TRY(Name::from_text(value)).lower();
  } else if (kind == "name") {
    rule.names.push_back(TRY(NamePattern::from_text(value, origin)));
  } else if (kind == "type") {
    const auto type = rr_type_from_text(value);
    if (!type || (is_meta_type(*type) && *type != RrType::kAny)) {
      return fail(Errc::kInvalid, "this is no type that a zone holds");
    }
    rule.types.push_back(*type);
  } else if (kind == "wait") {
    rule.wait.nodes = TRY(wait_from_text(value));
  } else if (kind == "expire") {
    const auto after = ttl_from_text(value);
    if (!after || *after == 0) {
      return fail(Errc::kInvalid, "expected a time such as 12h or 1d");
    }
    rule.expire = *after;
  } else if (kind == "from") {
    rule.sources.push_back(TRY(AddressPrefix::from_text(value)));
  } else if (auto source = AddressPrefix::from_text(text)) {
    rule.sources.push_back(*source);
  } else if (looks_like_address(text)) {
    return std::unexpected(source.error());
  } else {
    return fail(Errc::kInvalid, "no word of a rule begins so{}; {}", suggestion(kind, kKinds),
                kForms);
  }
  return {};
}

bool is_leading(NameView labels, NameView owner) noexcept {
  while (!labels.is_root() && !owner.is_root()) {
    if (!equal_fold(labels.first_label(), owner.first_label())) {
      return false;
    }
    labels = labels.parent();
    owner = owner.parent();
  }
  return labels.is_root() && !owner.is_root();
}

}  // namespace

std::string Credential::to_text() const {
  const std::string who = key ? fmt::format("key {}", key->to_text()) : "unsigned";
  return fmt::format("{} from {}{}", who, from.to_text(), is_forwarded ? " by the other node" : "");
}

Result<Name> name_in_rule(std::string_view text, NameView origin) {
  if (auto whole = Name::from_text(text); text != "@" && whole && whole->is_subdomain_of(origin)) {
    return whole;
  }
  return Name::from_text(text, origin);
}

namespace {

/// `*` and `**` in front of a name are no pattern when they are a label of it.
std::string text_of_exact(const Name& name) {
  std::string text = name.to_text();
  return text.starts_with("*.") || text.starts_with("**.") ? "\\" + text : text;
}

}  // namespace

Result<NamePattern> NamePattern::from_text(std::string_view text, NameView origin) {
  if (text.ends_with(".*")) {
    text.remove_suffix(2);
    return NamePattern{Kind::kLeading, TRY(Name::from_text(text))};
  }
  Kind kind = Kind::kExact;
  if (text.starts_with("**.")) {
    kind = Kind::kSubtree;
    text.remove_prefix(3);
  } else if (text.starts_with("*.")) {
    kind = Kind::kBelow;
    text.remove_prefix(2);
  }
  if (text == "@") {
    return NamePattern{kind, origin};
  }
  // Every name there is: `*.` and `**.`
  return NamePattern{
      kind, kind != Kind::kExact && text.empty() ? Name() : TRY(name_in_rule(text, origin))};
}

std::string NamePattern::to_text() const {
  switch (kind) {
    case Kind::kExact:
      return text_of_exact(name);
    case Kind::kBelow:
      return "*." + (name.is_root() ? "" : name.to_text());
    case Kind::kSubtree:
      return "**." + (name.is_root() ? "" : name.to_text());
    case Kind::kLeading:
      return name.to_text() + "*";
  }
  return {};
}

bool NamePattern::matches(NameView owner) const noexcept {
  switch (kind) {
    case Kind::kExact:
      return owner == name.view();
    case Kind::kBelow:
      return owner.is_subdomain_of(name) && owner != name.view();
    case Kind::kSubtree:
      return owner.is_subdomain_of(name);
    case Kind::kLeading:
      return is_leading(name, owner);
  }
  return false;
}

Result<UpdateRule> UpdateRule::from_text(std::string_view text, NameView origin) {
  UpdateRule rule;
  TRYV(read_rule_words(text, [&](const RuleWord& word) { return take_word(word, origin, rule); }));
  if (!rule.key && rule.sources.empty()) {
    return fail(Errc::kInvalid, "a rule needs a key or an address; {}", kForms);
  }
  return rule;
}

std::string UpdateRule::to_text() const {
  std::string out;
  const auto add = [&out](std::string_view kind, std::string_view value) {
    out += fmt::format("{}{}:{}", out.empty() ? "" : " ", kind, value);
  };
  if (key) {
    add("key", key->to_text());
  }
  for (const AddressPrefix& source : sources) {
    add("from", source.to_text());
  }
  for (const NamePattern& pattern : names) {
    add("name", pattern.to_text());
  }
  for (const RrType type : types) {
    add("type", tandem::to_text(type));
  }
  if (wait.nodes != Wait::Nodes::kSecondary) {
    add("wait", tandem::to_text(wait.nodes));
  }
  if (expire != 0) {
    add("expire", std::to_string(expire));
  }
  return out;
}

bool UpdateRule::is_for(const Credential& who) const noexcept {
  if (key ? !who.key || key->view() != who.key->view() : who.is_forwarded) {
    return false;
  }
  if (!sources.empty() && who.from.family() == AF_UNSPEC) {
    return false;  // nobody said from where
  }
  return sources.empty() || std::ranges::any_of(sources, [&who](const AddressPrefix& source) {
           return source.contains(*who.from.system());
         });
}

bool UpdateRule::allows(NameView owner, RrType type) const noexcept {
  const bool has_name = names.empty() || std::ranges::any_of(names, [&](const NamePattern& each) {
                          return each.matches(owner);
                        });
  return has_name && (types.empty() || std::ranges::find(types, type) != types.end());
}

Result<UpdateRule> update_rule_from_text(std::string_view text) {
  return UpdateRule::from_text(text);
}

std::string_view to_text(RuleSource source) noexcept {
  return source == RuleSource::kLog ? "log" : "configuration";
}

UpdateDecision decide(const UpdateRules& rules, const Credential& who,
                      const UpdateMessage& update) {
  std::vector<const UpdateRule*> of_who;
  for (const std::span<const UpdateRule> each : {rules.configuration, rules.log}) {
    for (const UpdateRule& rule : each) {
      if (rule.is_for(who)) {
        of_who.push_back(&rule);
      }
    }
  }
  if (of_who.empty()) {
    return {false, nullptr, "no rule is for this key and address", {}};
  }
  UpdateDecision decision{true, of_who.front(), {}, {}};
  for (const UpdateStep& step : update.steps) {
    const RrType type = step.kind == UpdateStep::Kind::kDeleteName ? RrType::kAny : step.type;
    const auto found = std::ranges::find_if(
        of_who, [&](const UpdateRule* rule) { return rule->allows(step.owner, type); });
    if (found == of_who.end()) {
      return {false,
              nullptr,
              fmt::format("no rule for it allows {} {}", step.owner.to_text(), to_text(type)),
              {}};
    }
    decision.rule = *found;
  }
  const bool is_own = std::ranges::any_of(
      rules.log, [&](const UpdateRule& rule) { return &rule == decision.rule; });
  decision.source = is_own ? RuleSource::kLog : RuleSource::kConfiguration;
  return decision;
}

}  // namespace tandem
