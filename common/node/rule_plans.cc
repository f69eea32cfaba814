#include "common/node/rule_plans.h"

#include <algorithm>
#include <utility>

#include "common/dns/shown_text.h"
#include "common/log/rule_set.h"

namespace tandem {
namespace {

/// Sorted by what `text_of` shows, each once.
template <class Word, class TextOf>
void put_in_order(std::vector<Word>& words, TextOf text_of) {
  const auto less = [&](const Word& a, const Word& b) { return text_of(a) < text_of(b); };
  const auto same = [&](const Word& a, const Word& b) { return text_of(a) == text_of(b); };
  std::ranges::sort(words, less);
  const auto rest = std::ranges::unique(words, same);
  words.erase(rest.begin(), rest.end());
}

void sort_texts(std::vector<std::string>& texts) {
  put_in_order(texts, [](std::string_view text) { return text; });
}

Result<ZoneRecordPtr> zone_in(const TableDraft& zones, NameView name) {
  ZoneRecordPtr record = zones.find(name);
  if (record == nullptr) {
    return fail(Errc::kNotFound, "there is no zone {}", name.to_text());
  }
  return record;
}

Plan plan_of(const ZoneRecord& record, ZoneRulesChange change) {
  Plan plan{{}, record.id, {}};
  if (!change.added.empty() || !change.removed.empty()) {
    plan.changes.emplace_back(Change{record.id, std::move(change)});
  }
  return plan;
}

}  // namespace

Result<UpdateRule> zone_rule_from_text(std::string_view text, const Name& zone) {
  UpdateRule rule = TRY(UpdateRule::from_text(text, zone));
  for (NamePattern& pattern : rule.names) {
    pattern.name = pattern.name.lower();
    if (pattern.kind != NamePattern::Kind::kLeading && !pattern.name.is_subdomain_of(zone)) {
      return fail(Errc::kInvalid, "name:{} is outside of the zone {}", pattern.to_text(),
                  zone.to_text());
    }
  }
  put_in_order(rule.names, [](const NamePattern& pattern) { return pattern.to_text(); });
  put_in_order(rule.sources, [](const AddressPrefix& source) { return source.to_text(); });
  put_in_order(rule.types, [](RrType type) { return type; });
  const std::string kept = rule.to_text();
  TRYV(check_rule_text(kept));
  const auto again = UpdateRule::from_text(kept);
  if (!again || again->to_text() != kept) {
    return fail(Errc::kInvalid, "{} cannot be kept as a rule", shown_text(text));
  }
  return rule;
}

Planner plan_add_rules(const Name& zone, std::vector<std::string> texts) {
  sort_texts(texts);
  return [zone, texts = std::move(texts)](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = TRY(zone_in(zones, zone));
    ZoneRulesChange change;
    std::ranges::copy_if(texts, std::back_inserter(change.added), [&](const std::string& text) {
      return !record->policy.texts().contains(text);
    });
    return plan_of(*record, std::move(change));
  };
}

Planner plan_remove_rules(const Name& zone, std::vector<std::string> texts) {
  sort_texts(texts);
  return [zone, texts = std::move(texts)](const TableDraft& zones) -> Result<Plan> {
    const ZoneRecordPtr record = TRY(zone_in(zones, zone));
    for (const std::string& text : texts) {
      if (!record->policy.texts().contains(text)) {
        return fail(Errc::kNotFound, "the zone {} has no rule {} in the log", zone.to_text(), text);
      }
    }
    return plan_of(*record, {.removed = texts, .added = {}});
  };
}

}  // namespace tandem
