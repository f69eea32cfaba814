#include "common/node/outside_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

#include <fmt/core.h>

#include "common/dns/shown_text.h"
#include "common/node/rule_words.h"

namespace tandem {
namespace {

constexpr std::string_view kSecondaryForms =
    "expected notify:ADDRESS, via:ADDRESS, key:NAME, transfer:CIDR, tls, cert:SHA256:... or "
    "zone:NAME, with spaces between";
constexpr std::string_view kPrimaryForms =
    "expected ADDRESS[:PORT] and behind it, with commas between, key:NAME, tls, pin:SHA256:... or "
    "host:NAME";

/// The next part of `text`, which loses it and the commas in front of it; empty at the end.
std::string_view next_part(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(','), text.size()));
  const std::string_view part = text.substr(0, text.find(','));
  text.remove_prefix(part.size());
  return part;
}

Result<Name> whole_name(std::string_view text) {
  if (text.empty()) {
    return fail(Errc::kInvalid, "a name has to stand behind the colon");
  }
  return TRY(Name::from_text(text)).lower();
}

bool is_address(std::string_view text) {
  std::array<std::uint8_t, sizeof(in6_addr)> room{};
  const std::string terminated(text.substr(0, text.find('%')));
  return ::inet_pton(AF_INET, terminated.c_str(), room.data()) == 1 ||
         ::inet_pton(AF_INET6, terminated.c_str(), room.data()) == 1;
}

Status take_word(const RuleWord& word, OutsideSecondary& out) {
  const auto [text, kind, value, next] = word;
  if (kind == "notify") {
    out.notify.push_back(TRY(server_address(value, kDnsPort)));
  } else if (kind == "via") {
    out.via = TRY(server_address(value, 0));
  } else if (kind == "key") {
    if (out.key) {
      return fail(Errc::kInvalid, "one key is possible");
    }
    out.key = TRY(whole_name(value));
  } else if (kind == "transfer") {
    out.transfer.push_back(TRY(AddressPrefix::from_text(value)));
  } else if (text == "tls") {
    out.tls_only = true;
  } else if (kind == "cert") {
    out.certificates.push_back(TRY(KeyPin::from_text(value)));
  } else if (kind == "zone") {
    out.zones.push_back(TRY(whole_name(value)));
  } else {
    return fail(Errc::kInvalid, "{}", kSecondaryForms);
  }
  return {};
}

Status take_part(std::string_view part, ZonePrimary& out) {
  const auto [text, kind, value, next] = rule_word(part);
  if (kind == "key") {
    out.key = TRY(whole_name(value));
  } else if (text == "tls") {
    out.tls = true;
  } else if (kind == "pin") {
    out.pins.push_back(TRY(KeyPin::from_text(value)));
  } else if (kind == "host" && !value.empty()) {
    out.host = TRY(Name::from_text(value)).lower().to_text();
    out.host.pop_back();  // certificates have no final dot
  } else {
    return fail(Errc::kInvalid, "{}", kPrimaryForms);
  }
  out.tls = out.tls || !out.pins.empty() || !out.host.empty();
  return {};
}

void add(std::string& out, std::string_view word, char separator) {
  if (!out.empty()) {
    out += separator;
  }
  out += word;
}

}  // namespace

Result<SocketAddress> server_address(std::string_view text, std::uint16_t port) {
  if (is_address(text)) {
    const bool is_v6 = text.contains(':');
    return SocketAddress::from_text(is_v6 ? fmt::format("[{}]:{}", text, port)
                                          : fmt::format("{}:{}", text, port));
  }
  return SocketAddress::from_text(text);
}

Result<OutsideSecondary> OutsideSecondary::from_text(std::string_view text) {
  OutsideSecondary out;
  TRYV(read_rule_words(text, [&out](const RuleWord& word) { return take_word(word, out); }));
  if (out.notify.empty() && out.transfer.empty()) {
    return fail(Errc::kInvalid, "an outside secondary needs notify:ADDRESS or transfer:CIDR; {}",
                kSecondaryForms);
  }
  std::ranges::sort(out.zones);
  const auto repeats = std::ranges::unique(out.zones);
  out.zones.erase(repeats.begin(), repeats.end());
  return out;
}

std::string OutsideSecondary::to_text() const {
  std::string out;
  for (const SocketAddress& address : notify) {
    add(out, "notify:" + address.to_text(), ' ');
  }
  if (via) {
    add(out, "via:" + via->to_text(), ' ');
  }
  if (key) {
    add(out, "key:" + key->to_text(), ' ');
  }
  for (const AddressPrefix& prefix : transfer) {
    add(out, "transfer:" + prefix.to_text(), ' ');
  }
  if (tls_only) {
    add(out, "tls", ' ');
  }
  for (const KeyPin& pin : certificates) {
    add(out, "cert:" + pin.to_text(), ' ');
  }
  for (const Name& zone : zones) {
    add(out, "zone:" + zone.to_text(), ' ');
  }
  return out;
}

bool OutsideSecondary::follows(NameView zone) const noexcept {
  return zones.empty() ||
         std::ranges::any_of(zones, [&](const Name& each) { return each.view() == zone; });
}

Result<OutsideSecondary> also_notify_from_text(std::string_view text) {
  OutsideSecondary out;
  out.notify.push_back(TRY(server_address(next_part(text), kDnsPort)));
  const std::string_view rest = next_part(text);
  if (const RuleWord word = rule_word(rest); word.kind == "key") {
    out.key = TRY(whole_name(word.value));
  } else if (!rest.empty()) {
    return fail(Errc::kInvalid, "{}: expected ADDRESS[:PORT][,key:NAME]", shown_text(rest));
  }
  if (!text.empty()) {
    return fail(Errc::kInvalid, "{}: one server and one key are possible", shown_text(text));
  }
  return out;
}

Result<ZonePrimary> ZonePrimary::from_text(std::string_view text) {
  ZonePrimary out;
  const std::string_view address = next_part(text);
  for (auto part = next_part(text); !part.empty(); part = next_part(text)) {
    if (const Status taken = take_part(part, out); !taken) {
      return in_context(shown_text(part), taken.error());
    }
  }
  auto server = server_address(address, out.tls ? kDnsTlsPort : kDnsPort);
  if (!server) {
    return fail(Errc::kInvalid, "{}; {}", server.error().detail, kPrimaryForms);
  }
  out.address = *server;
  return out;
}

std::string ZonePrimary::to_text() const {
  std::string out = address.to_text();
  if (key) {
    add(out, "key:" + key->to_text(), ',');
  }
  if (tls) {
    add(out, "tls", ',');
  }
  for (const KeyPin& pin : pins) {
    add(out, "pin:" + pin.to_text(), ',');
  }
  if (!host.empty()) {
    add(out, "host:" + host, ',');
  }
  return out;
}

Result<ZoneSource> ZoneSource::from_text(std::string_view text) {
  ZoneSource out;
  const auto take = [&out](const RuleWord& word) -> Status {
    out.primaries.push_back(TRY(ZonePrimary::from_text(word.text)));
    return {};
  };
  TRYV(read_rule_words(text, take));
  if (out.primaries.empty()) {
    return fail(Errc::kInvalid, "a zone is taken from at least one primary; {}", kPrimaryForms);
  }
  return out;
}

std::string ZoneSource::to_text() const {
  std::string out;
  for (const ZonePrimary& primary : primaries) {
    add(out, primary.to_text(), ' ');
  }
  return out;
}

Result<PulledZone> PulledZone::from_text(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(Errc::kInvalid, "{}: expected ZONE=PRIMARY, such as example.com=192.0.2.1",
                shown_text(text));
  }
  return PulledZone{TRY(whole_name(text.substr(0, equals))),
                    TRY(ZonePrimary::from_text(text.substr(equals + 1)))};
}

}  // namespace tandem
