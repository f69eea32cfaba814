// The text of a value is a character-string; lists inside it are split at commas after that was
// decoded, which is why a comma inside an ALPN id is written \\, in a master file (RFC 9460 A.1).
#include "common/dns/rdata_service_values.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "common/base/encoding.h"
#include "common/dns/rdata_address.h"
#include "common/dns/rdata_field.h"

namespace tandem {
namespace {

bool is_key_list(OctetSpan value) noexcept {
  if (value.empty() || value.size() % 2 != 0) {
    return false;
  }
  std::uint16_t previous = kMandatoryServiceKey;  // never listed itself
  for (std::size_t at = 0; at < value.size(); at += 2) {
    const std::uint16_t key = load_be16(value.data() + at);
    if (key <= previous || key == kInvalidServiceKey) {
      return false;
    }
    previous = key;
  }
  return true;
}

/// Calls `add` with each part between commas; false as soon as it says so.
template <class Add>
bool each_part(std::string_view text, Add add) {
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (!add(text.substr(0, comma))) {
      return false;
    }
    if (comma == text.size()) {
      return true;
    }
    text.remove_prefix(comma + 1);
  }
}

bool parse_key_list(std::string_view text, Octets& to) {
  std::vector<std::uint16_t> keys;
  const bool good = each_part(text, [&keys](std::string_view part) {
    const auto key = service_key_from_text(part);
    keys.push_back(key.value_or(kMandatoryServiceKey));
    return key.has_value();
  });
  std::ranges::sort(keys);
  for (const std::uint16_t key : keys) {
    append_be(to, key);
  }
  return good;
}

void print_key_list(OctetSpan value, std::string& to) {
  for (std::size_t at = 0; at < value.size(); at += 2) {
    to += at == 0 ? "" : ",";
    print_service_key(load_be16(value.data() + at), to);
  }
}

bool is_alpn_list(OctetSpan value) noexcept {
  if (value.empty()) {
    return false;
  }
  while (!value.empty()) {
    const std::size_t octets = 1U + value[0];
    if (octets == 1 || octets > value.size()) {
      return false;
    }
    value = value.subspan(octets);
  }
  return true;
}

/// Ends the id whose octets follow `length_at` by writing its length there.
bool end_alpn_id(std::size_t length_at, Octets& to) {
  const std::size_t octets = to.size() - length_at - 1;
  to[length_at] = static_cast<std::uint8_t>(octets);
  return octets >= 1 && octets <= 255;
}

bool parse_alpn_list(std::string_view text, Octets& to) {
  std::size_t length_at = to.size();
  to.push_back(0);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ',') {
      if (!end_alpn_id(length_at, to)) {
        return false;
      }
      length_at = to.size();
      to.push_back(0);
      continue;
    }
    const bool is_escape = text[at] == '\\';
    at += is_escape ? 1U : 0U;
    if (is_escape && (at == text.size() || (text[at] != ',' && text[at] != '\\'))) {
      return false;
    }
    to.push_back(static_cast<std::uint8_t>(text[at]));
  }
  return end_alpn_id(length_at, to);
}

void print_alpn_list(OctetSpan value, std::string& to) {
  Octets list;
  while (!value.empty()) {
    for (const std::uint8_t c : value.subspan(1, value[0])) {
      if (c == ',' || c == '\\') {
        list.push_back('\\');
      }
      list.push_back(c);
    }
    value = value.subspan(1U + value[0]);
    if (!value.empty()) {
      list.push_back(',');
    }
  }
  append_quoted(list, to);
}

bool is_empty(OctetSpan value) noexcept {
  return value.empty();
}

bool parse_empty(std::string_view text, Octets& /*to*/) {
  return text.empty();
}

bool is_port(OctetSpan value) noexcept {
  return value.size() == 2;
}

bool parse_port(std::string_view text, Octets& to) {
  const auto port = number_from_text(text, 65535);
  append_be(to, static_cast<std::uint16_t>(port.value_or(0)));
  return port.has_value();
}

void print_port(OctetSpan value, std::string& to) {
  fmt::format_to(std::back_inserter(to), "{}", load_be16(value.data()));
}

template <std::size_t AddressOctets>
bool is_address_list(OctetSpan value) noexcept {
  return !value.empty() && value.size() % AddressOctets == 0;
}

template <class Address, std::optional<Address> (*FromText)(std::string_view) noexcept>
bool parse_address_list(std::string_view text, Octets& to) {
  return each_part(text, [&to](std::string_view part) {
    const auto address = FromText(part);
    if (address) {
      append(to, *address);
    }
    return address.has_value();
  });
}

template <std::size_t AddressOctets,
          void (*Print)(std::span<const std::uint8_t, AddressOctets>, std::string&)>
void print_address_list(OctetSpan value, std::string& to) {
  for (std::size_t at = 0; at < value.size(); at += AddressOctets) {
    to += at == 0 ? "" : ",";
    Print(value.subspan(at).first<AddressOctets>(), to);
  }
}

bool is_not_empty(OctetSpan value) noexcept {
  return !value.empty();
}

bool parse_ech(std::string_view text, Octets& to) {
  const auto octets = from_base64(text);
  append(to, octets.value_or(Octets()));
  return octets.has_value();
}

bool parse_octets(std::string_view text, Octets& to) {
  append(to, as_octets(text));
  return true;
}

/// Rows by key number.
constexpr std::array kValues = {
    ServiceValue{"mandatory", "a list of keys", is_key_list, parse_key_list, print_key_list},
    ServiceValue{"alpn", "a list of protocol ids", is_alpn_list, parse_alpn_list, print_alpn_list},
    ServiceValue{"no-default-alpn", "no value", is_empty, parse_empty, nullptr},
    ServiceValue{"port", "a number from 0 to 65535", is_port, parse_port, print_port},
    ServiceValue{"ipv4hint", "a list of IPv4 addresses", is_address_list<4>,
                 parse_address_list<Ipv4Octets, ipv4_from_text>,
                 print_address_list<4, append_ipv4_text>},
    ServiceValue{"ech", "octets in base64", is_not_empty, parse_ech, print_base64},
    ServiceValue{"ipv6hint", "a list of IPv6 addresses", is_address_list<16>,
                 parse_address_list<Ipv6Octets, ipv6_from_text>,
                 print_address_list<16, append_ipv6_text>},
    ServiceValue{"dohpath", "a URI template", is_not_empty, parse_octets, nullptr},
    ServiceValue{"ohttp", "no value", is_empty, parse_empty, nullptr},
};

}  // namespace

const ServiceValue* service_value_of(std::uint16_t key) noexcept {
  return key < kValues.size() ? &kValues[key] : nullptr;
}

std::optional<std::uint16_t> service_key_from_text(std::string_view text) {
  const auto* const row = std::ranges::find(kValues, text, &ServiceValue::name);
  if (row != kValues.end()) {
    return static_cast<std::uint16_t>(row - kValues.begin());
  }
  if (!text.starts_with(kGenericServiceKey)) {
    return std::nullopt;
  }
  text.remove_prefix(kGenericServiceKey.size());
  const auto key = number_from_text(text, kInvalidServiceKey - 1);
  if (!key || (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(*key);
}

void print_service_key(std::uint16_t key, std::string& to) {
  const ServiceValue* const known = service_value_of(key);
  const bool has_own_form =
      known != nullptr && (known->print != nullptr || key == kNoDefaultAlpnServiceKey);
  if (has_own_form) {
    to += known->name;
  } else {
    fmt::format_to(std::back_inserter(to), "{}{}", kGenericServiceKey, key);
  }
}

}  // namespace tandem
