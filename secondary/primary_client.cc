#include "secondary/primary_client.h"

#include <utility>

#include "common/dns/header.h"
#include "common/dns/types.h"

namespace tandem {
namespace {

bool is_refused(OctetSpan answer) noexcept {
  return answer.size() >= kHeaderOctets &&
         load_header(answer.data()).rcode_bits() == static_cast<std::uint8_t>(Rcode::kRefused);
}

}  // namespace

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
  auto peer = peer_of(primary);
  if (!peer) {
    answer(std::unexpected(std::move(peer).error()));
    return;
  }
  if (peer->tls) {
    client_.ask(*peer, std::move(question), AskOptions(), std::move(answer));
    return;
  }
  client_.ask(
      *peer, question, AskOptions(),
      [this, peer = *peer, question, answer = std::move(answer)](Result<Octets> result) mutable {
        if (result && is_refused(*result)) {
          AskOptions by_tcp;
          by_tcp.over_tcp = true;
          client_.ask(peer, std::move(question), by_tcp, std::move(answer));
        } else {
          answer(std::move(result));
        }
      });
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
