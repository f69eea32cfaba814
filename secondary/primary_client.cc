#include "secondary/primary_client.h"

#include <utility>

namespace tandem {

Result<DnsPeer> DnsPrimaryClient::peer_of(const ZonePrimary& primary) const {
  DnsPeer peer{primary.address, std::nullopt, nullptr, std::nullopt};
  if (primary.key) {
    peer.key = keys_.find(*primary.key);
    if (peer.key == nullptr) {
      return fail(Errc::kRefused, "there is no key {} here: add it, `tandemctl key add --help`",
                  primary.key->to_text());
    }
  }
  if (primary.tls) {
    peer.tls = TlsPeer{primary.pins, primary.host, {}};
  }
  return peer;
}

void DnsPrimaryClient::ask(const ZonePrimary& primary, Octets question, DnsClient::Answer answer) {
  if (const auto peer = peer_of(primary)) {
    client_.ask(*peer, std::move(question), AskOptions(), std::move(answer));
  } else {
    answer(std::unexpected(peer.error()));
  }
}

void DnsPrimaryClient::transfer(const ZonePrimary& primary, Octets request,
                                DnsClient::TakeMessage take, DnsClient::Ended ended) {
  if (const auto peer = peer_of(primary)) {
    client_.run_series(*peer, std::move(request), SeriesOptions(), std::move(take),
                       std::move(ended));
  } else {
    ended(std::unexpected(peer.error()));
  }
}

}  // namespace tandem
