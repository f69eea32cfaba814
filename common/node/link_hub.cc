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
  const std::lock_guard lock(mutex_);
  for_followers_ = for_followers;
  for_leaders_ = for_leaders;
}

void LinkHub::pause(std::string_view reason) {
  {
    const std::lock_guard lock(mutex_);
    is_paused_ = true;
  }
  reconnect_all(reason);
  std::unique_lock lock(mutex_);
  without_role_.wait(lock, [this] { return with_role_ == 0; });
  for_followers_ = nullptr;
  for_leaders_ = nullptr;
}

void LinkHub::resume(PeerRole* for_followers, PeerRole* for_leaders) {
  const std::lock_guard lock(mutex_);
  for_followers_ = for_followers;
  for_leaders_ = for_leaders;
  is_paused_ = false;
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

void LinkHub::tell_all(const Frame& frame, std::uint32_t since) {
  std::vector<std::shared_ptr<LinkPeer>> peers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, stream] : streams_) {
      if (stream.is_greeted && stream.protocol_max >= since) {
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
  bool is_taken = false;
  {
    const std::lock_guard lock(mutex_);
    is_taken = !is_paused_;
    if (is_taken) {
      streams_[peer.get()] = {peer, nullptr, false, {}, 0, clock_.monotonic()};
    }
  }
  if (is_taken) {
    peer->send(options_.hello());
  } else {
    peer->close("the node's role changes");
  }
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
    take_heartbeat(peer, *heartbeat);
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

void LinkHub::take_heartbeat(const std::shared_ptr<LinkPeer>& peer,
                             const HeartbeatFrame& heartbeat) {
  const std::optional<NodeId> node = note_heartbeat(peer, heartbeat);
  if (node && options_.on_health) {
    options_.on_health(*node, heartbeat.health);
  }
}

std::optional<NodeId> LinkHub::note_heartbeat(const std::shared_ptr<LinkPeer>& peer,
                                              const HeartbeatFrame& heartbeat) {
  constexpr std::int64_t kNoticeableOffsetMs = 30'000;
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(peer.get());
  if (found == streams_.end() || !found->second.is_greeted) {
    return std::nullopt;
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
  return found->second.node;
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
    const std::lock_guard lock(mutex_);
    --with_role_;
    without_role_.notify_all();
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
  const HealthReport health = options_.health ? options_.health() : HealthReport();
  for (const auto& peer : alive) {
    peer->send(
        HeartbeatFrame{options_.position(), clock_.wall(), peer->address(), "", left, health});
  }
}

}  // namespace tandem
