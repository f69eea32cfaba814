// The part of link_hub.h that greets: whether two nodes have to do with each other, and who leads.
#include <algorithm>

#include "common/base/logging.h"
#include "common/node/link_hub.h"

namespace tandem {

std::string LinkHub::objection_to(const HelloFrame& hello) const {
  const HelloFrame ours = options_.hello();
  if (hello.protocol_min > ours.protocol_max || hello.protocol_max < ours.protocol_min) {
    return fmt::format(
        "it speaks link protocol {} to {} and this node {} to {}: upgrade the older one",
        hello.protocol_min, hello.protocol_max, ours.protocol_min, ours.protocol_max);
  }
  if (hello.node == options_.self) {
    return "it is this node itself";
  }
  if (hello.is_leader && ours.is_leader) {
    return "both lead: one of them has to be a tandem-secondary with a data folder of its own";
  }
  if (hello.cluster && ours.cluster && *hello.cluster != *ours.cluster) {
    return "the two belong to different clusters: give the leader the zones that only the follower "
           "has (`tandemctl zone export` there, `zone import` here), and only then start the "
           "follower with an empty data folder";
  }
  return "";
}

std::string LinkHub::objection_to_key(const NodeId& node, const KeyPin& pin) {
  // A node whose folder was emptied comes back as another one; a few of them are worth showing.
  constexpr std::size_t kMaxNodesOfOneKey = 4;
  const auto key = keys_.find(node);
  if (key != keys_.end() && key->second != pin && known_[node].connected) {
    return "that node is connected with another key";
  }
  if (key == keys_.end()) {
    std::vector<NodeId> of_key;
    for (const auto& [other, its] : keys_) {
      if (its == pin) {
        of_key.push_back(other);
      }
    }
    if (of_key.size() >= kMaxNodesOfOneKey) {
      const auto oldest = std::ranges::min_element(of_key, {}, [this](const NodeId& other) {
        return std::pair(known_[other].connected, known_[other].since);
      });
      if (known_[*oldest].connected) {
        return "too many nodes are connected with its key";
      }
      known_.erase(*oldest);
      keys_.erase(*oldest);
    }
  }
  keys_[node] = pin;
  return "";
}

void LinkHub::refuse(LinkPeer& peer, const HelloFrame& hello, const std::string& objection) {
  log_error("peer refused address={} node={} reason=\"{}\"", peer.address(), hello.node.to_text(),
            objection);
  peer.send(ByeFrame{objection});
  peer.close(objection);
}

/// Of two leaders of a cluster at most one stays one.
bool LinkHub::is_contested(LinkPeer& peer, const HelloFrame& hello) {
  const Leadership leadership = leadership_of(options_.hello(), hello);
  if (leadership == Leadership::kClear || !options_.on_contest) {
    return false;
  }
  refuse(peer, hello,
         leadership == Leadership::kWeGiveWay ? "this node gives way to the newer epoch and follows"
         : leadership == Leadership::kPeerGivesWay
             ? "this node leads a newer epoch"
             : "both lead an epoch of the same number: `tandemctl link keep` says whose stays");
  if (leadership != Leadership::kPeerGivesWay) {
    options_.on_contest(leadership, hello);
  }
  return true;
}

void LinkHub::greet(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) {
  if (hello.node != options_.self && is_contested(*peer, hello)) {
    return;
  }
  if (const std::string objection = objection_to(hello); !objection.empty()) {
    refuse(*peer, hello, objection);
    return;
  }
  const bool we_lead = options_.hello().is_leader;
  PeerRole* role = nullptr;
  std::shared_ptr<LinkPeer> surplus;
  std::string objection;
  {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(peer.get());
    if (found == streams_.end() || found->second.is_greeted) {
      return;  // gone meanwhile, or a second Hello
    }
    role = we_lead ? for_followers_ : (hello.is_leader ? for_leaders_ : nullptr);
    objection = is_paused_ ? "the node's role changes" : objection_to_key(hello.node, peer->pin());
    surplus = objection.empty() ? surplus_of(peer, hello.node) : nullptr;
    if (objection.empty() && surplus != peer) {
      found->second.is_greeted = true;
      found->second.node = hello.node;
      found->second.protocol_max = hello.protocol_max;
      found->second.role = role;
      with_role_ += role != nullptr ? 1U : 0U;
      note_greeting(*peer, hello, role);
    }
  }
  if (!objection.empty()) {
    refuse(*peer, hello, objection);
    return;
  }
  if (surplus != nullptr) {
    surplus->close("the two nodes have another connection");
  }
  if (surplus == peer) {
    return;
  }
  log_info("peer connected node={} address={} role={} sequence={}", hello.node.to_text(),
           peer->address(), hello.is_leader ? "leader" : "follower", hello.position.sequence);
  if (role != nullptr) {
    role->on_peer(peer, hello);
  }
}

std::shared_ptr<LinkPeer> LinkHub::surplus_of(const std::shared_ptr<LinkPeer>& peer,
                                              const NodeId& node) const {
  for (const auto& [key, stream] : streams_) {
    if (!stream.is_greeted || stream.node != node) {
      continue;
    }
    if (stream.peer->is_dialled() == peer->is_dialled()) {
      return stream.peer;
    }
    const bool ours_stays = options_.self < node;
    return peer->is_dialled() == ours_stays ? stream.peer : peer;
  }
  return nullptr;
}

void LinkHub::note_greeting(const LinkPeer& peer, const HelloFrame& hello, const PeerRole* role) {
  PeerStatus& status = known_[hello.node];
  status.node = hello.node;
  status.address = peer.address();
  status.version = hello.version;
  status.change_kinds = hello.change_kinds;
  status.is_leader = hello.is_leader;
  status.connected = true;
  status.since = clock_.wall();
  status.last_contact = status.since;
  status.position = hello.position;
  status.key = peer.pin();
  status.detail = role == nullptr ? "neither leads" : "";
}

}  // namespace tandem
