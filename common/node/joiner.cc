#include "common/node/joiner.h"

#include "common/base/logging.h"
#include "common/base/random.h"

namespace tandem {

void Joiner::on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) {
  if (const auto* const offer = std::get_if<JoinOfferFrame>(&frame)) {
    answer(*peer, *offer);
  } else if (const auto* const grant = std::get_if<JoinGrantFrame>(&frame)) {
    judge(*peer, *grant);
  } else if (std::holds_alternative<HelloFrame>(frame)) {
    // The inviter dials members alone so, whose key it knows: its grant was lost on the way.
    join(*peer);
  } else if (const auto* const bye = std::get_if<ByeFrame>(&frame)) {
    end(*peer,
        fail(Errc::kRefused,
             "the node that invites says: {}. Make a new token there (tandemctl cluster invite)",
             bye->reason),
        "refused by the peer");
  } else {
    peer->close("no frame of an invitation");
  }
}

void Joiner::on_close(const std::shared_ptr<LinkPeer>& peer, std::string_view /*reason*/) {
  exchanges_.lock()->erase(peer.get());
}

void Joiner::answer(LinkPeer& peer, const JoinOfferFrame& offer) {
  const JoinExchange exchange{.inviter = peer.pin(),
                              .joiner = own_,
                              .inviter_nonce = offer.nonce,
                              .joiner_nonce = random_array<32>()};
  if (!exchanges_.lock()->emplace(&peer, exchange).second) {
    return peer.close("a second offer");
  }
  peer.send(JoinAnswerFrame{exchange.joiner_nonce, join_proof(key_, JoinSide::kJoiner, exchange)});
}

void Joiner::judge(LinkPeer& peer, const JoinGrantFrame& grant) {
  std::optional<JoinExchange> exchange;
  {
    const auto exchanges = exchanges_.lock();
    if (const auto found = exchanges->find(&peer); found != exchanges->end()) {
      exchange = found->second;
    }
  }
  if (exchange && is_join_proof(grant.proof, key_, JoinSide::kInviter, *exchange)) {
    join(peer);
  } else {
    end(peer, fail(Errc::kRefused, "the node that answers does not have the token"),
        "it does not have the token");
  }
}

void Joiner::join(LinkPeer& peer) {
  if (peer.pin() != inviter_) {
    return peer.close("it is not who made the token");
  }
  Status kept = keep_();
  const std::string why = kept ? "joined" : kept.error().detail;
  end(peer, std::move(kept), why);
}

void Joiner::end(LinkPeer& peer, Status outcome, std::string_view why) {
  {
    auto known = outcome_.lock();
    if (!known->has_value()) {
      *known = std::move(outcome);
    }
  }
  peer.close(why);
}

}  // namespace tandem
