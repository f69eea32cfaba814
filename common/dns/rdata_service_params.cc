// SvcParams of SVCB and HTTPS (RFC 9460 s2.1, s2.2, s7, s8; RFC 9461 s5; RFC 9540 s4):
//   params := (key u16, length u16, value)*, keys strictly ascending
//   text   := key[=value] ..., in any order
// The text of a value is a character-string; lists inside it are split at commas after that was
// decoded, which is why a comma inside an ALPN id is written \\, in a master file (RFC 9460 A.1).
#include <algorithm>
#include <vector>

#include "common/dns/rdata_field.h"
#include "common/dns/rdata_service_values.h"

namespace tandem {
namespace {

constexpr std::size_t kParamHeadOctets = 4;

struct ParamView {
  std::uint16_t key = 0;
  OctetSpan value;
};

/// Takes the first of `params`. Requires: good and not empty.
ParamView take_param(OctetSpan& params) noexcept {
  const ParamView param{load_be16(params.data()),
                        params.subspan(kParamHeadOctets, load_be16(params.data() + 2))};
  params = params.subspan(kParamHeadOctets + param.value.size());
  return param;
}

struct Param {
  std::uint16_t key = 0;
  Octets value;
};

/// The text behind `key=`: the rest of its token, or the quoted token glued to it.
std::string_view take_value(TokenCursor& from, Token key_token, std::size_t equals) {
  const std::string_view rest = key_token.text.substr(equals + 1);
  const Token next = from.peek();
  const bool is_glued = rest.empty() && next.kind == TokenKind::kQuoted &&
                        next.text.data() == rest.data() + 1;  // behind the quote
  return is_glued ? from.take().text : rest;
}

Result<Param> parse_param(TokenCursor& from) {
  const Token token = from.take();
  const std::size_t equals = std::min(token.text.find('='), token.text.size());
  const auto key = token.kind == TokenKind::kPlain
                       ? service_key_from_text(token.text.substr(0, equals))
                       : std::nullopt;
  if (!key) {
    return from.needs("a parameter such as alpn=h2 or key65280=value");
  }
  Octets text;
  if (equals < token.text.size() && !append_unescaped(take_value(from, token, equals), text)) {
    return from.needs("one character or three digits up to 255 after each backslash");
  }
  // A key under its number has its value's octets as text (RFC 9460 s2.1).
  const bool is_generic = token.text.starts_with(kGenericServiceKey);
  const ServiceValue* const known = service_value_of(*key);
  Param param{*key, is_generic ? text : Octets()};
  const bool was_read = is_generic || known->parse(as_text(text), param.value);
  if (!was_read || (known != nullptr && !known->is_good(param.value))) {
    return from.needs(fmt::format("{} with {}", known->name, known->expected));
  }
  return param;
}

/// RFC 9460 s8: every mandatory key is there. Both lists ascend.
bool has_mandatory_keys(OctetSpan params) noexcept {
  OctetSpan mandatory;
  while (!params.empty()) {
    const ParamView param = take_param(params);
    if (param.key == kMandatoryServiceKey) {
      mandatory = param.value;
    } else if (!mandatory.empty() && load_be16(mandatory.data()) == param.key) {
      mandatory = mandatory.subspan(2);
    }
  }
  return mandatory.empty();
}

bool has_key(OctetSpan params, std::uint16_t key) noexcept {
  while (!params.empty()) {
    if (take_param(params).key == key) {
      return true;
    }
  }
  return false;
}

}  // namespace

Status check_service_params(OctetSpan field) {
  int previous_key = -1;
  for (OctetSpan rest = field; !rest.empty();) {
    if (rest.size() < kParamHeadOctets ||
        rest.size() - kParamHeadOctets < load_be16(rest.data() + 2)) {
      return fail(Errc::kInvalid, "has a service parameter that runs over the end");
    }
    const ParamView param = take_param(rest);
    if (param.key <= previous_key || param.key == kInvalidServiceKey) {
      return fail(Errc::kInvalid, "has service parameters out of order");
    }
    previous_key = param.key;
    const ServiceValue* const known = service_value_of(param.key);
    if (known != nullptr && !known->is_good(param.value)) {
      return fail(Errc::kInvalid, "has a malformed value of {}, expected {}", known->name,
                  known->expected);
    }
  }
  if (!has_mandatory_keys(field)) {
    return fail(Errc::kInvalid, "lacks a parameter that it lists as mandatory");
  }
  // RFC 9460 s7.1.1: without alpn, no-default-alpn would leave no protocol at all.
  if (has_key(field, kNoDefaultAlpnServiceKey) && !has_key(field, kAlpnServiceKey)) {
    return fail(Errc::kInvalid, "has no-default-alpn without alpn");
  }
  return {};
}

Status parse_service_params(TokenCursor& from, Octets& to) {
  std::vector<Param> params;
  while (!from.at_end()) {
    params.push_back(TRY(parse_param(from)));
  }
  std::ranges::sort(params, {}, &Param::key);
  if (std::ranges::adjacent_find(params, {}, &Param::key) != params.end()) {
    return fail(Errc::kInvalid, "{} record has the same parameter twice", to_text(from.type()));
  }
  const std::size_t start = to.size();
  for (const Param& param : params) {
    if (param.value.size() > 65535) {
      return fail(Errc::kInvalid, "{} record has a parameter of more than 65535 octets",
                  to_text(from.type()));
    }
    append_be(to, param.key);
    append_be(to, static_cast<std::uint16_t>(param.value.size()));
    append(to, param.value);
  }
  const Status status = check_service_params(OctetSpan(to).subspan(start));
  if (!status) {
    return fail(Errc::kInvalid, "{} record {}", to_text(from.type()), status.error().detail);
  }
  return {};
}

void print_service_params(OctetSpan field, std::string& to) {
  std::string_view separator;
  while (!field.empty()) {
    const ParamView param = take_param(field);
    to += separator;
    separator = " ";
    print_service_key(param.key, to);
    if (param.value.empty()) {
      continue;
    }
    to += '=';
    const ServiceValue* const known = service_value_of(param.key);
    if (known != nullptr && known->print != nullptr) {
      known->print(param.value, to);
    } else {
      append_quoted(param.value, to);
    }
  }
}

}  // namespace tandem
