#include "common/node/catalog_words.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "common/base/encoding.h"
#include "common/dns/shown_text.h"
#include "common/node/rule_words.h"
#include "common/transfer/catalog_zone.h"

namespace tandem {
namespace {

constexpr std::string_view kMadeForms =
    "expected make, and behind it members:named or group:NAME, with spaces between";
constexpr std::string_view kFollowedForms =
    "expected follow, ADDRESS[:PORT], and behind it members-from:ADDRESS[:PORT] or "
    "group:NAME=serve-after-expire,rrset-records-max:NUMBER, with spaces between";
constexpr std::string_view kTemplateForms =
    "expected serve-after-expire or "
    "rrset-records-max:NUMBER, with commas between";
constexpr std::string_view kMemberForms =
    "expected catalog:NAME, catalog:none, was:NAME, coo:NAME, group:NAME, from:NAME, label:HEX or "
    "as:GROUP";

void add(std::string& out, std::string_view word) {
  if (!out.empty()) {
    out += ' ';
  }
  out += word;
}

void add_name(std::string& out, std::string_view kind, const std::optional<Name>& name) {
  if (name) {
    add(out, fmt::format("{}:{}", kind, name->to_text()));
  }
}

Result<Name> whole_name(std::string_view text) {
  return TRY(Name::from_text(text)).lower();
}

Result<std::string> group_of(std::string_view text) {
  TRYV(check_group_name(text));
  return std::string(text);
}

Status take_option(std::string_view option, GroupTemplate& out) {
  constexpr std::string_view kRecords = "rrset-records-max:";
  if (option == "serve-after-expire") {
    out.serve_after_expire = true;
    return {};
  }
  if (!option.starts_with(kRecords)) {
    return fail(Errc::kInvalid, "{}", kTemplateForms);
  }
  option.remove_prefix(kRecords.size());
  const char* const end = option.data() + option.size();
  const auto [at, error] = std::from_chars(option.data(), end, out.rrset_records_max);
  if (error != std::errc() || at != end || out.rrset_records_max == 0) {
    return fail(Errc::kInvalid, "{} is no number of records", shown_text(option));
  }
  return {};
}

/// `NAME=OPTION,OPTION`; a name may have `=` in it only when it is no template's.
Result<GroupTemplate> template_of(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return fail(Errc::kInvalid, "behind the group there has to be =; {}", kTemplateForms);
  }
  GroupTemplate out;
  out.group = TRY(group_of(text.substr(0, equals)));
  text.remove_prefix(equals + 1);
  while (true) {
    const std::size_t comma = text.find(',');
    TRYV(take_option(text.substr(0, comma), out));
    if (comma == std::string_view::npos) {
      return out;
    }
    text.remove_prefix(comma + 1);
  }
}

std::string text_of(const GroupTemplate& each) {
  std::string options = each.serve_after_expire ? "serve-after-expire" : "";
  if (each.rrset_records_max != 0) {
    options +=
        fmt::format("{}rrset-records-max:{}", options.empty() ? "" : ",", each.rrset_records_max);
  }
  return fmt::format("group:{}={}", each.group, options);
}

Status take_word(const RuleWord& word, MadeCatalog& out) {
  if (word.text == "members:named") {
    out.members = MadeCatalog::Members::kNamed;
  } else if (word.kind == "group") {
    out.group = TRY(group_of(word.value));
  } else {
    return fail(Errc::kInvalid, "{}", kMadeForms);
  }
  return {};
}

Status take_word(const RuleWord& word, FollowedCatalog& out) {
  if (word.kind == "members-from") {
    out.members.primaries.push_back(TRY(ZonePrimary::from_text(word.value)));
  } else if (word.kind == "group") {
    GroupTemplate made = TRY(template_of(word.value));
    const auto at = std::ranges::lower_bound(out.templates, made.group, {}, &GroupTemplate::group);
    if (at != out.templates.end() && at->group == made.group) {
      return fail(Errc::kInvalid, "the group has a template already");
    }
    out.templates.insert(at, std::move(made));
  } else {
    out.source.primaries.push_back(TRY(ZonePrimary::from_text(word.text)));
  }
  return {};
}

Status take_word(const RuleWord& word, MemberSetting& out) {
  if (word.text == "catalog:none") {
    out.is_left_out = true;
  } else if (word.kind == "catalog") {
    out.catalog = TRY(whole_name(word.value));
  } else if (word.kind == "was") {
    out.was = TRY(whole_name(word.value));
  } else if (word.kind == "coo") {
    out.coo = TRY(whole_name(word.value));
  } else if (word.kind == "group") {
    out.group = TRY(group_of(word.value));
  } else if (word.kind == "from") {
    out.from = TRY(whole_name(word.value));
  } else if (word.kind == "as") {
    out.as = TRY(group_of(word.value));
  } else if (word.kind == "label") {
    auto label = from_hex(word.value);
    if (!label || label->empty()) {
      return fail(Errc::kInvalid, "a label is written in hexadecimal digits, two for an octet");
    }
    out.label = *std::move(label);
  } else {
    return fail(Errc::kInvalid, "{}", kMemberForms);
  }
  return {};
}

}  // namespace

Status check_group_name(std::string_view group) {
  const auto is_good = [](char letter) { return letter > ' ' && letter <= '~'; };
  if (group.empty() || !std::ranges::all_of(group, is_good)) {
    return fail(Errc::kInvalid, "the group {} is not of printable letters without spaces",
                shown_text(group));
  }
  return check_catalog_group(group);
}

Result<CatalogSetting> CatalogSetting::from_text(std::string_view text) {
  CatalogSetting out;
  TRYV(read_rule_words(text, [&](const RuleWord& word) -> Status {
    if (out.made) {
      return take_word(word, *out.made);
    }
    if (out.followed) {
      return take_word(word, *out.followed);
    }
    if (word.text == "make") {
      out.made.emplace();
    } else if (word.text == "follow") {
      out.followed.emplace();
    } else {
      return fail(Errc::kInvalid, "{}; or {}", kMadeForms, kFollowedForms);
    }
    return {};
  }));
  const bool is_followed = out.followed && !out.followed->source.primaries.empty();
  if (!out.made && !is_followed) {
    return fail(Errc::kInvalid, "{}", out.followed ? kFollowedForms : kMadeForms);
  }
  return out;
}

std::string CatalogSetting::to_text() const {
  if (made) {
    std::string out = "make";
    if (made->members == MadeCatalog::Members::kNamed) {
      add(out, "members:named");
    }
    if (!made->group.empty()) {
      add(out, "group:" + made->group);
    }
    return out;
  }
  std::string out = "follow";
  if (followed) {
    add(out, followed->source.to_text());
    for (const ZonePrimary& primary : followed->members.primaries) {
      add(out, "members-from:" + primary.to_text());
    }
    for (const GroupTemplate& each : followed->templates) {
      add(out, text_of(each));
    }
  }
  return out;
}

Result<MemberSetting> MemberSetting::from_text(std::string_view text) {
  MemberSetting out;
  TRYV(read_rule_words(text, [&](const RuleWord& word) { return take_word(word, out); }));
  return out;
}

std::string MemberSetting::to_text() const {
  std::string out;
  if (is_left_out) {
    add(out, "catalog:none");
  }
  add_name(out, "catalog", catalog);
  add_name(out, "was", was);
  add_name(out, "coo", coo);
  if (!group.empty()) {
    add(out, "group:" + group);
  }
  add_name(out, "from", from);
  if (!label.empty()) {
    add(out, "label:" + to_hex(label));
  }
  if (!as.empty()) {
    add(out, "as:" + as);
  }
  return out;
}

bool MemberSetting::is_in(NameView catalog_name, const MadeCatalog& made) const noexcept {
  if (is_left_out) {
    return false;
  }
  if (!catalog) {
    return made.members == MadeCatalog::Members::kAll;
  }
  return catalog->view() == catalog_name || (was && was->view() == catalog_name);
}

}  // namespace tandem
