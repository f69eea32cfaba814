// The part of cluster_node.h that speaks with other nodes: those of the configuration and those
// that enrolment made members, which come and go while the node runs.
#include <algorithm>

#include "common/base/logging.h"
#include "program/cluster_node.h"

namespace tandem {
namespace {

constexpr std::string_view kLinkAlarm = "link";

void add_new(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const std::string& address : more) {
    if (std::ranges::find(to, address) == to.end()) {
      to.push_back(address);
    }
  }
}

}  // namespace

void ClusterNode::make_enrolment(NodeKey key) {
  enrolment_ = std::make_unique<Enrolment>(
      Enrolment::Options{
          .folder = node_->config().data,
          .key = std::move(key),
          .configured = node_->config().peer_keys,
          .tell_all = [this](const Frame& frame) { hub_->tell_all(frame, kProtocolOfKeys); },
          .on_keys = [this] { renew_pins(); },
          .on_change = [this](std::optional<NodeId> gone) { open_link_anew(gone); }},
      node_->members(), node_->sealer(), node_->clock());
}

std::vector<KeyPin> ClusterNode::pins() const {
  std::vector<KeyPin> all = node_->config().peer_keys;
  const std::vector<KeyPin> learnt = node_->members().list().pins();
  all.insert(all.end(), learnt.begin(), learnt.end());
  return all;
}

/// A member changes its key: it is let in by the new one before it leaves the old one.
void ClusterNode::renew_pins() {
  const std::lock_guard lock(link_mutex_);
  if (link_ != nullptr) {
    link_->set_peers(pins());
  }
}

Status ClusterNode::open_link() {
  const Config& config = node_->config();
  const MemberList members = node_->members().list();
  GrpcLinkOptions options;
  options.key = enrolment_->key();
  options.peers = pins();
  options.listen = config.link_listen.empty() ? members.listen : config.link_listen;
  options.dial = config.link_dial;
  add_new(options.dial, members.dialled());
  if (options.peers.empty() || (options.listen.empty() && options.dial.empty())) {
    return {};
  }
  std::unique_ptr<GrpcLink> made = TRY(GrpcLink::start(options, *hub_));
  const std::lock_guard lock(link_mutex_);
  link_ = std::move(made);
  link_->set_peers(pins());  // a member may have renewed its key since
  return {};
}

void ClusterNode::close_link() {
  std::unique_ptr<GrpcLink> old;  // ends when others may see that there is none
  const std::lock_guard lock(link_mutex_);
  old.swap(link_);
}

/// A new key is shown by a new link, and whoever is no member any more loses its stream with the
/// old one. The others dial anew at once.
void ClusterNode::open_link_anew(const std::optional<NodeId>& gone) {
  close_link();
  if (gone) {
    hub_->forget(*gone);
    if (const RolePtr role = this->role(); role != nullptr) {
      role->forget_member(*gone);
    }
  }
  const Status opened = open_link();
  node_->alarms().set(std::string(kLinkAlarm), opened ? "" : opened.error().detail);
}

std::vector<std::string> ClusterNode::link_listening() const {
  const std::lock_guard lock(link_mutex_);
  return link_ != nullptr ? link_->listening() : std::vector<std::string>();
}

std::vector<DialState> ClusterNode::link_dialling() const {
  const std::lock_guard lock(link_mutex_);
  return link_ != nullptr ? link_->dialling() : std::vector<DialState>();
}

std::optional<std::uint64_t> ClusterNode::link_refused() const {
  const std::lock_guard lock(link_mutex_);
  return link_ != nullptr ? std::optional(link_->refused_count()) : std::nullopt;
}

}  // namespace tandem
