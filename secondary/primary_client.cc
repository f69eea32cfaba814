#include "secondary/primary_client.h"

#include <utility>

#include "common/dns/header.h"
#include "common/dns/types.h"

namespace tandem {
namespace {

/// With a key also an answer without a signature, which refuses.
bool is_refused(const Result<Octets>& result) noexcept {
  if (!result) {
    return result.error().code == Errc::kRefused;
  }
  const OctetSpan answer = *result;
  return answer.size() >= kHeaderOctets &&
         load_header(answer.data()).rcode_bits() == static_cast<std::uint8_t>(Rcode::kRefused);
}

}  // namespace

Result<DnsPeer> DnsPrimaryClient::peer_of(const ZonePrimary& primary) const {
  DnsPeer peer{primary.address, std::nullopt, nullptr, std::nullopt};
  if (primary.key) {
    peer.key = keys_.find(*primary.key);
    if (peer.key == nullptr) {
      return fail(Errc::kRefused,
                  "there is no key {} here: `tandemctl key create` makes one, `key import` takes "
                  "one from a file",
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
        if (is_refused(result)) {
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
