#include "common/node/transfer_rule.h"

#include <algorithm>

#include <fmt/core.h>

#include "common/node/rule_words.h"

namespace tandem {
namespace {

constexpr std::string_view kForms =
    "expected from:CIDR, key:NAME, tls, cert:SHA256:BASE64 or zone:NAME, with spaces between";

Status take_word(const RuleWord& word, TransferRule& rule) {
  const auto [text, kind, value, next] = word;
  if (kind == "key") {
    if (rule.key) {
      return fail(Errc::kInvalid, "a rule is for one key; make another rule");
    }
    rule.key = TRY(Name::from_text(value)).lower();
  } else if (kind == "cert") {
    rule.client_pins.push_back(TRY(KeyPin::from_text(value)));
  } else if (kind == "zone") {
    rule.zones.push_back(TRY(Name::from_text(value)).lower());
  } else if (text == "tls") {
    rule.needs_tls = true;
  } else if (kind == "from") {
    rule.sources.push_back(TRY(AddressPrefix::from_text(value)));
  } else if (auto source = AddressPrefix::from_text(text)) {
    rule.sources.push_back(*source);
  } else {
    return fail(Errc::kInvalid, "{}; {}", source.error().detail, kForms);
  }
  return {};
}

}  // namespace

Result<TransferRule> TransferRule::from_text(std::string_view text) {
  TransferRule rule;
  TRYV(read_rule_words(text, [&rule](const RuleWord& word) { return take_word(word, rule); }));
  if (rule.sources.empty() && !rule.key && rule.client_pins.empty()) {
    return fail(Errc::kInvalid, "a rule needs an address, a key or a certificate; {}", kForms);
  }
  return rule;
}

std::string TransferRule::to_text() const {
  std::string out;
  const auto add = [&out](std::string_view word, std::string_view value = {}) {
    out += fmt::format("{}{}{}", out.empty() ? "" : " ", word, value);
  };
  for (const AddressPrefix& source : sources) {
    add("from:", source.to_text());
  }
  if (key) {
    add("key:", key->to_text());
  }
  if (needs_tls) {
    add("tls");
  }
  for (const KeyPin& pin : client_pins) {
    add("cert:", pin.to_text());
  }
  for (const Name& zone : zones) {
    add("zone:", zone.to_text());
  }
  return out;
}

bool TransferRule::allows(const TransferPeer& peer, NameView zone) const noexcept {
  const bool is_from_there =
      sources.empty() || std::ranges::any_of(sources, [&peer](const AddressPrefix& source) {
        return source.contains(*peer.from.system());
      });
  const bool has_key = !key || (peer.key && key->view() == peer.key->view());
  const bool has_channel = peer.is_tls || (!needs_tls && client_pins.empty());
  const bool has_certificate =
      client_pins.empty() ||
      (peer.client_pin && std::ranges::find(client_pins, *peer.client_pin) != client_pins.end());
  const bool has_zone = zones.empty() || std::ranges::any_of(zones, [&zone](const Name& each) {
                          return each.view() == zone;
                        });
  return is_from_there && has_key && has_channel && has_certificate && has_zone;
}

}  // namespace tandem
