// Servers outside of the cluster, as the configuration and the log tell of them: those that follow
// our zones, and those that zones are taken from. Texts from and to values.
#pragma once

#include <cstdint>
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

constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kDnsTlsPort = 853;  // RFC 7858 s3.1

/// `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]:5300`, `192.0.2.1:5300`: without a port it is
/// `port`. Fails: kInvalid.
Result<SocketAddress> server_address(std::string_view text, std::uint16_t port);

/// An outside server, or several of one service, that follow zones by NOTIFY, AXFR and IXFR. Where
/// changes are told and who may have them are apart: with some services they differ.
struct OutsideSecondary {
  std::vector<SocketAddress> notify;    // NOTIFY goes there, and the question which serial it has
  std::optional<SocketAddress> via;     // the address that both come from; port 0
  std::optional<Name> key;              // signs them, and transfers have to be signed with it
  std::vector<AddressPrefix> transfer;  // who may have the zones; none: the notified addresses
  bool tls_only = false;                // zones go over TLS only (RFC 9103)
  std::vector<KeyPin> certificates;     // of which a client has to show one; then over TLS only
  std::vector<Name> zones;              // none: all

  /// Words with spaces between: `notify:ADDRESS[:PORT]`, `via:ADDRESS`, `key:NAME`,
  /// `transfer:CIDR`, `tls`, `cert:SHA256:...`, `zone:NAME`. Something to notify or to transfer to
  /// there has to be. Fails: kInvalid, naming the word.
  static Result<OutsideSecondary> from_text(std::string_view text);
  /// As from_text() reads it, canonical: names whole and in lower case.
  [[nodiscard]] std::string to_text() const;

  [[nodiscard]] bool follows(NameView zone) const noexcept;
};

/// `--also-notify`: `ADDRESS[:PORT][,key:NAME]`. Fails: kInvalid.
Result<OutsideSecondary> also_notify_from_text(std::string_view text);

/// Where a zone can be had.
struct ZonePrimary {
  SocketAddress address;
  std::optional<Name> key;   // signs what is asked; answers have to be signed with it
  bool tls = false;          // over TLS only (RFC 9103)
  std::vector<KeyPin> pins;  // of its certificate, any of them; else a CA has to vouch for `host`
  std::string host;          // the name in its certificate

  /// `ADDRESS[:PORT][,key:NAME][,tls][,pin:SHA256:...][,host:NAME]`; the port is 53, with TLS
  /// 853. A pin or a host says TLS. Fails: kInvalid, naming the part.
  static Result<ZonePrimary> from_text(std::string_view text);
  [[nodiscard]] std::string to_text() const;
};

/// The primaries of one zone, asked in this order. Texts have spaces between them.
struct ZoneSource {
  std::vector<ZonePrimary> primaries;

  /// Fails: kInvalid, also for none.
  static Result<ZoneSource> from_text(std::string_view text);
  [[nodiscard]] std::string to_text() const;
};

/// `--pull`: `ZONE=PRIMARY`.
struct PulledZone {
  Name zone;
  ZonePrimary primary;

  /// Fails: kInvalid.
  static Result<PulledZone> from_text(std::string_view text);
};

}  // namespace tandem
