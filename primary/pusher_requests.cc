// The part of pusher.h that takes what followers ask for, for others or for themselves.
#include <utility>

#include "primary/pusher.h"

namespace tandem {

void Pusher::take_request(const Session& session, ForwardedRequestFrame request) const {
  const auto reply = [peer = session.peer, id = request.id](Octets message) {
    peer->send(ForwardedReplyFrame{id, std::move(message)});
  };
  if (is_served(session) && options_.on_request) {
    options_.on_request(std::move(request), reply);
  } else {
    reply({});
  }
}

/// Only who has, or is being sent, all that there is can go on from there.
void Pusher::take_hand_over(const Session& session, const HandOverRequestFrame& request) const {
  const auto reply = [peer = session.peer](HandOverReplyFrame frame) {
    peer->send(std::move(frame));
  };
  if (session.mode == Mode::kStreaming && options_.on_hand_over) {
    options_.on_hand_over(request, reply);
  } else if (!request.gives_up) {
    reply({"the follower is not in step with its leader yet", log_.entries().head()});
  }
}

void Pusher::take_orphan(const Session& session, OrphanRequestFrame request) const {
  const auto reply = [peer = session.peer](OrphanReplyFrame frame) {
    peer->send(std::move(frame));
  };
  if (is_served(session) && options_.on_orphan) {
    options_.on_orphan(std::move(request), reply);
  } else {
    OrphanReplyFrame refused;
    refused.refusal = "the follower is not served by its leader yet";
    reply(std::move(refused));
  }
}

}  // namespace tandem
