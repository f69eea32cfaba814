// How the puller asks primaries: the network, or a test.
#pragma once

#include "common/net/dns_client.h"
#include "common/node/key_ring.h"
#include "common/node/outside_server.h"

namespace tandem {

class PrimaryClient {
 public:
  PrimaryClient() = default;
  PrimaryClient(const PrimaryClient&) = delete;
  PrimaryClient& operator=(const PrimaryClient&) = delete;
  virtual ~PrimaryClient() = default;

  /// Both as DnsClient has them, and fail, also at once, as it does.
  virtual void ask(const ZonePrimary& primary, Octets question, DnsClient::Answer answer) = 0;
  virtual void transfer(const ZonePrimary& primary, Octets request, DnsClient::TakeMessage take,
                        DnsClient::Ended ended) = 0;
};

/// What is refused over UDP is asked for again over TCP: Knot shows its catalogs to nobody by UDP.
/// Fails also: kRefused when the primary's key is not there.
class DnsPrimaryClient final : public PrimaryClient {
 public:
  /// Requires: both outlive it.
  DnsPrimaryClient(DnsClient& client, const KeyRing& keys) : client_(client), keys_(keys) {}

  void ask(const ZonePrimary& primary, Octets question, DnsClient::Answer answer) override;
  void transfer(const ZonePrimary& primary, Octets request, DnsClient::TakeMessage take,
                DnsClient::Ended ended) override;

 private:
  [[nodiscard]] Result<DnsPeer> peer_of(const ZonePrimary& primary) const;

  DnsClient& client_;
  const KeyRing& keys_;
};

}  // namespace tandem
