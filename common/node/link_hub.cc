#include "common/node/link_hub.h"

#include <algorithm>

#include "common/base/logging.h"

namespace tandem {

LinkHub::LinkHub(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

LinkHub::~LinkHub() {
  stop();
}

void LinkHub::set_roles(PeerRole* for_followers, PeerRole* for_leaders) {
  for_followers_ = for_followers;
  for_leaders_ = for_leaders;
}

void LinkHub::start() {
  heart_ = std::thread([this] { beat(); });
}

void LinkHub::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (heart_.joinable()) {
    heart_.join();
  }
}

std::vector<PeerStatus> LinkHub::peers() const {
  const std::lock_guard lock(mutex_);
  std::vector<PeerStatus> peers;
  peers.reserve(known_.size());
  for (const auto& [node, status] : known_) {
    peers.push_back(status);
  }
  return peers;
}

void LinkHub::note_position(const std::shared_ptr<LinkPeer>& peer, const Position& position) {
  const std::lock_guard lock(mutex_);
  if (const auto stream = streams_.find(peer.get()); stream != streams_.end()) {
    known_[stream->second.node].position = position;
  }
}

void LinkHub::remember(const NodeId& node, bool is_leader, const Position& position,
                       WallTime last_contact, std::vector<std::uint32_t> change_kinds) {
  const std::lock_guard lock(mutex_);
  PeerStatus status;
  status.node = node;
  status.is_leader = is_leader;
  status.since = last_contact;
  status.last_contact = last_contact;
  status.position = position;
  status.detail = "not met since the start";
  status.change_kinds = std::move(change_kinds);
  known_.emplace(node, std::move(status));
}

void LinkHub::forget(const NodeId& node) {
  const std::lock_guard lock(mutex_);
  known_.erase(node);
  keys_.erase(node);
}

void LinkHub::note_detail(const std::shared_ptr<LinkPeer>& peer, std::string detail) {
  const std::lock_guard lock(mutex_);
  if (const auto stream = streams_.find(peer.get()); stream != streams_.end()) {
    known_[stream->second.node].detail = std::move(detail);
  }
}

void LinkHub::tell_all(const Frame& frame) {
  std::vector<std::shared_ptr<LinkPeer>> peers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, stream] : streams_) {
      if (stream.is_greeted) {
        peers.push_back(stream.peer);
      }
    }
  }
  for (const auto& peer : peers) {
    peer->send(frame);
  }
}

void LinkHub::reconnect_all(std::string_view reason) {
  std::vector<std::shared_ptr<LinkPeer>> peers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, stream] : streams_) {
      peers.push_back(stream.peer);
    }
  }
  for (const auto& peer : peers) {
    peer->close(reason);
  }
}

void LinkHub::on_open(const std::shared_ptr<LinkPeer>& peer) {
  {
    const std::lock_guard lock(mutex_);
    streams_[peer.get()] = {peer, nullptr, false, {}, clock_.monotonic()};
  }
  peer->send(options_.hello());
}

PeerRole* LinkHub::heard_from(const std::shared_ptr<LinkPeer>& peer) {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(peer.get());
  if (found == streams_.end()) {
    return nullptr;
  }
  found->second.last_heard = clock_.monotonic();
  if (found->second.is_greeted) {
    known_[found->second.node].last_contact = clock_.wall();
  }
  return found->second.role;
}

void LinkHub::on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) {
  PeerRole* const role = heard_from(peer);
  if (const auto* const hello = std::get_if<HelloFrame>(&frame)) {
    greet(peer, *hello);
    return;
  }
  if (const auto* const bye = std::get_if<ByeFrame>(&frame)) {
    peer->close(fmt::format("the peer says: {}", bye->reason));
    return;
  }
  if (const auto* const heartbeat = std::get_if<HeartbeatFrame>(&frame)) {
    note_heartbeat(peer, *heartbeat);
  }
  if (const auto* const keys = std::get_if<KeysFrame>(&frame)) {
    take_keys(peer, *keys);
    return;
  }
  if (const auto* const taken = std::get_if<KeysTakenFrame>(&frame)) {
    if (options_.keys_taken) {
      options_.keys_taken(peer->pin(), taken->pins);
    }
    return;
  }
  if (role != nullptr) {
    role->on_frame(peer, std::move(frame));
  }
}

void LinkHub::take_keys(const std::shared_ptr<LinkPeer>& peer, const KeysFrame& keys) {
  if (!options_.take_keys) {
    return;
  }
  if (std::ranges::find(keys.pins, peer->pin()) == keys.pins.end()) {
    return peer->close("it gives up the key that it shows");
  }
  if (const Status taken = options_.take_keys(peer->pin(), keys.pins); taken) {
    peer->send(KeysTakenFrame{keys.pins});
  } else {
    log_warn("keys of a peer not taken address={} reason=\"{}\"", peer->address(),
             taken.error().detail);
  }
}

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

void LinkHub::greet(const std::shared_ptr<LinkPeer>& peer, const HelloFrame& hello) {
  if (const std::string objection = objection_to(hello); !objection.empty()) {
    refuse(*peer, hello, objection);
    return;
  }
  const bool we_lead = options_.hello().is_leader;
  PeerRole* const role = we_lead ? for_followers_ : (hello.is_leader ? for_leaders_ : nullptr);
  std::shared_ptr<LinkPeer> surplus;
  std::string objection;
  {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(peer.get());
    if (found == streams_.end() || found->second.is_greeted) {
      return;  // gone meanwhile, or a second Hello
    }
    objection = objection_to_key(hello.node, peer->pin());
    surplus = objection.empty() ? surplus_of(peer, hello.node) : nullptr;
    if (objection.empty() && surplus != peer) {
      found->second.is_greeted = true;
      found->second.node = hello.node;
      found->second.role = role;
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

void LinkHub::note_heartbeat(const std::shared_ptr<LinkPeer>& peer,
                             const HeartbeatFrame& heartbeat) {
  constexpr std::int64_t kNoticeableOffsetMs = 30'000;
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(peer.get());
  if (found == streams_.end() || !found->second.is_greeted) {
    return;
  }
  PeerStatus& status = known_[found->second.node];
  const auto offset =
      std::chrono::duration_cast<std::chrono::milliseconds>(heartbeat.wall_time - clock_.wall());
  if (std::abs(offset.count()) > kNoticeableOffsetMs &&
      std::abs(status.clock_offset_ms) <= kNoticeableOffsetMs) {
    log_warn("clocks differ peer={} offset_ms={} advice=\"check NTP on both nodes\"",
             status.node.to_text(), offset.count());
  }
  status.clock_offset_ms = offset.count();
  status.position = heartbeat.position;
  status.observed_address = heartbeat.observed_address;
}

void LinkHub::on_writable(const std::shared_ptr<LinkPeer>& peer) {
  PeerRole* role = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(peer.get());
    role = found != streams_.end() ? found->second.role : nullptr;
  }
  if (role != nullptr) {
    role->on_writable(peer);
  }
}

void LinkHub::on_close(const std::shared_ptr<LinkPeer>& peer, std::string_view reason) {
  PeerRole* role = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = streams_.find(peer.get());
    if (found == streams_.end()) {
      return;
    }
    role = found->second.role;
    if (found->second.is_greeted) {
      PeerStatus& status = known_[found->second.node];
      bool has_other = false;
      for (const auto& [key, stream] : streams_) {
        has_other = has_other ||
                    (key != peer.get() && stream.is_greeted && stream.node == found->second.node);
      }
      if (!has_other) {
        status.connected = false;
        status.since = clock_.wall();
        status.detail = reason;
        log_warn("peer lost node={} address={} reason=\"{}\"", status.node.to_text(),
                 peer->address(), reason);
      }
    }
    streams_.erase(found);
  }
  if (role != nullptr) {
    role->on_gone(peer);
  }
}

void LinkHub::beat() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, look_every(), [this] { return stopping_; })) {
    lock.unlock();
    turn();
    lock.lock();
  }
}

std::chrono::milliseconds LinkHub::look_every() const {
  return std::min(options_.look, options_.heartbeat);
}

void LinkHub::turn() {
  end_silent();
  since_beat_ += look_every();
  if (since_beat_ >= options_.heartbeat) {
    since_beat_ = std::chrono::milliseconds(0);
    send_heartbeats();
  }
}

void LinkHub::end_silent() {
  std::vector<std::shared_ptr<LinkPeer>> silent;
  {
    const std::lock_guard lock(mutex_);
    const MonotonicTime now = clock_.monotonic();
    for (const auto& [key, stream] : streams_) {
      if (now - stream.last_heard >= options_.silence) {
        silent.push_back(stream.peer);
      }
    }
  }
  for (const auto& peer : silent) {
    peer->close(
        fmt::format("nothing heard for {} s",
                    std::chrono::duration_cast<std::chrono::seconds>(options_.silence).count()));
  }
}

void LinkHub::send_heartbeats() {
  std::vector<std::shared_ptr<LinkPeer>> alive;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, stream] : streams_) {
      alive.push_back(stream.peer);
    }
  }
  const std::vector<ZoneLeft> left =
      options_.zones_left ? options_.zones_left() : std::vector<ZoneLeft>();
  for (const auto& peer : alive) {
    peer->send(HeartbeatFrame{options_.position(), clock_.wall(), peer->address(), "", left});
  }
}

}  // namespace tandem
