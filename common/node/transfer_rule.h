// Who may have whole zones and their changes (AXFR, RFC 5936; IXFR, RFC 1995): rules of words that
// must all hold. What no rule allows is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/crypto/node_key.h"
#include "common/dns/name.h"
#include "common/net/address.h"
#include "common/net/address_prefix.h"

namespace tandem {

/// Who asks for a zone: where it came from, what its signature and its certificate proved.
struct TransferPeer {
  SocketAddress from;
  std::optional<Name> key;                          // of a good signature
  bool is_tls = false;                              // over DNS over TLS
  std::optional<KeyPin> client_pin = std::nullopt;  // of the certificate that it showed there
};

struct TransferRule {
  std::vector<AddressPrefix> sources;  // one of them; none: from anywhere
  std::optional<Name> key;             // absent: no signature is asked for
  bool needs_tls = false;
  std::vector<KeyPin> client_pins;  // of one of these certificates: needs TLS too
  std::vector<Name> zones;          // one of them; none: all zones

  /// Words with spaces between: `from:CIDR` or just `CIDR`, `key:NAME`, `tls`,
  /// `cert:SHA256:BASE64`, `zone:NAME`; several of `from`, of `cert` and of `zone` are
  /// alternatives. An address, a key or a certificate has to be there. Fails: kInvalid, naming the
  /// word.
  static Result<TransferRule> from_text(std::string_view text);
  /// As from_text() reads it.
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] bool allows(const TransferPeer& peer, NameView zone) const noexcept;
};

/// What the configuration says of transfers.
struct TransferRules {
  std::vector<TransferRule> allow;
  std::size_t at_once = 10;          // in all; more are answered REFUSED, and come back
  std::size_t at_once_per_peer = 4;  // of an IPv4 address or an IPv6 /64
};

}  // namespace tandem
