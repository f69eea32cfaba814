#include "common/node/named_address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <utility>

#include "common/dns/shown_text.h"

namespace tandem {
namespace {

using Octets16 = std::array<std::uint8_t, 16>;

constexpr std::size_t kV4Octets = 4;
constexpr unsigned kV6Bits = 128;

std::optional<Octets16> v6_from(std::string_view text) {
  Octets16 octets{};
  const std::string terminated(text);
  return ::inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1 ? std::optional(octets)
                                                                       : std::nullopt;
}

std::string v6_text(const Octets16& octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, octets.data(), text.data(), text.size());
  return text.data();
}

/// What `octets` have in front of (or behind) the first `bits` bits.
Octets16 masked(Octets16 octets, unsigned bits, bool in_front) {
  for (unsigned i = 0; i < octets.size(); ++i) {
    const unsigned first = i * 8;
    const unsigned kept = bits <= first ? 0 : std::min(bits - first, 8U);
    const auto front = static_cast<std::uint8_t>(0xff00U >> kept);
    octets[i] &= in_front ? front : static_cast<std::uint8_t>(~front);
  }
  return octets;
}

Octets16 joined(const Octets16& prefix, const Octets16& host) {
  Octets16 out;
  std::ranges::transform(prefix, host, out.begin(), std::bit_or<std::uint8_t>());
  return out;
}

bool is_zero(const Octets16& octets) {
  return std::ranges::all_of(octets, [](std::uint8_t octet) { return octet == 0; });
}

std::unexpected<Error> no_address(std::string_view text) {
  return fail(Errc::kInvalid,
              "{} is no address; expected one such as 192.0.2.1 or 2001:db8::1, or an IPv6 prefix "
              "such as 2001:db8:1:2::/64",
              shown_text(text));
}

}  // namespace

Result<AddressValue> AddressValue::from_text(std::string_view text) {
  AddressValue value;
  const std::string terminated(text);
  if (::inet_pton(AF_INET, terminated.c_str(), value.octets.data()) == 1) {
    return value;
  }
  value.is_v6 = true;
  const std::size_t slash = text.find('/');
  const auto octets = v6_from(text.substr(0, slash));
  if (!octets) {
    return no_address(text);
  }
  value.octets = *octets;
  if (slash == std::string_view::npos) {
    return value;
  }
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, value.prefix_bits);
  if (error != std::errc{} || rest != end || value.prefix_bits == 0 ||
      value.prefix_bits >= kV6Bits) {
    return no_address(text);
  }
  if (!is_zero(masked(value.octets, value.prefix_bits, false))) {
    return fail(Errc::kInvalid, "{} has bits set behind the prefix; did you mean {}/{}?",
                shown_text(text), v6_text(masked(value.octets, value.prefix_bits, true)),
                value.prefix_bits);
  }
  return value;
}

std::string AddressValue::to_text() const {
  if (!is_v6) {
    return fmt::format("{}.{}.{}.{}", octets[0], octets[1], octets[2], octets[3]);
  }
  return prefix_bits == 0 ? v6_text(octets) : fmt::format("{}/{}", v6_text(octets), prefix_bits);
}

Result<AddressUse> AddressUse::from_text(std::string_view text) {
  const std::size_t plus = text.find('+');
  AddressUse use{std::string(text.substr(0, plus)), std::nullopt};
  TRYV(check_address_name(use.name));
  if (plus != std::string_view::npos) {
    use.host = v6_from(text.substr(plus + 1));
    if (!use.host) {
      return fail(Errc::kInvalid, "{}: expected a host such as ::53 behind the +",
                  shown_text(text));
    }
  }
  return use;
}

std::string AddressUse::to_text() const {
  return host ? fmt::format("{}+{}", name, v6_text(*host)) : name;
}

Result<Octets> followed_rdata(const AddressUse& use, RrType type, const AddressBook& book) {
  const auto found = book.find(use.name);
  if (found == book.end()) {
    return fail(Errc::kNotFound, "there is no address {}: set it first", use.name);
  }
  const AddressValue value = TRY(AddressValue::from_text(found->second));
  if (type != (value.is_v6 ? RrType::kAaaa : RrType::kA)) {
    return fail(Errc::kInvalid, "a record of type {} cannot follow {}, which is {}", to_text(type),
                use.name, found->second);
  }
  if (value.prefix_bits == 0) {
    if (use.host) {
      return fail(Errc::kInvalid, "{} is one address, {}, and has no hosts", use.name,
                  found->second);
    }
    return Octets(value.octets.begin(),
                  value.octets.begin() + (value.is_v6 ? value.octets.size() : kV4Octets));
  }
  if (!use.host) {
    return fail(Errc::kInvalid, "{} is the prefix {}: say which host in it, such as {}+::53",
                use.name, found->second, use.name);
  }
  if (!is_zero(masked(*use.host, value.prefix_bits, true))) {
    return fail(Errc::kInvalid,
                "the host {} is too long for {}, which is {}: its first {} bits are the prefix's; "
                "expected one such as ::53",
                v6_text(*use.host), use.name, found->second, value.prefix_bits);
  }
  const Octets16 whole = joined(value.octets, *use.host);
  return Octets(whole.begin(), whole.end());
}

Result<Octets> followed_rdata(std::string_view part, RrType type, const AddressBook& book) {
  const AddressUse use = TRY(AddressUse::from_text(part));
  return followed_rdata(use, type, book);
}

std::optional<AddressUse> use_of(const std::string& name, const AddressValue& value, RrType type,
                                 OctetSpan rdata) {
  AddressUse use{name, std::nullopt};
  if (value.prefix_bits != 0 && type == RrType::kAaaa && rdata.size() == value.octets.size()) {
    Octets16 address{};
    std::ranges::copy(rdata, address.begin());
    use.host = masked(address, value.prefix_bits, false);
  }
  const auto same = followed_rdata(use, type, {{name, value.to_text()}});
  return same && std::ranges::equal(*same, rdata) ? std::optional(use) : std::nullopt;
}

}  // namespace tandem
