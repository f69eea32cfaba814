#include "common/node/node_watch.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "common/base/logging.h"
#include "common/node/orphans.h"

namespace tandem {
namespace {

constexpr std::chrono::seconds kEvery{1};
constexpr int kShare = 50;  // what grows with the zones takes at most one of so many parts of time
constexpr std::uint64_t kLowOctets = std::uint64_t{1} << 30U;
constexpr std::uint64_t kLowPart = 20;

std::string peer_text(const PeerStatus& peer) {
  return fmt::format("the {} {} at {}", peer.is_leader ? "leader" : "follower", peer.node.to_text(),
                     peer.address.empty() ? "no address" : peer.address);
}

Condition lost_peer(const PeerStatus& peer) {
  const std::string who = peer_text(peer);
  return {.kind = EventKind::kPeerLost,
          .subject = peer.node.to_text(),
          .level = 1,
          .zone = {},
          .peer = peer.node.to_text(),
          .text = fmt::format("{} is lost: last contact {}{}{}", who, to_text(peer.last_contact),
                              peer.detail.empty() ? "" : "; ", peer.detail),
          .end_text = fmt::format("{} is back", who)};
}

Condition short_runway(const Runway& runway) {
  const bool is_zone = runway.kind != RunwayKind::kCertificate;
  return {.kind = EventKind::kRunway,
          .subject = fmt::format("{} {}", to_text(runway.kind), runway.what),
          .level = runway.level(),
          .zone = is_zone ? runway.what : "",
          .peer = {},
          .text = fmt::format("{}; {} % of the time are used up", runway.to_text(), runway.used),
          .end_text = fmt::format("{} {} has time again", is_zone ? "zone" : "the certificate of",
                                  runway.what)};
}

}  // namespace

bool is_disk_low(std::uint64_t size, std::uint64_t free, bool was_low) noexcept {
  const std::uint64_t low = std::min(size / kLowPart, kLowOctets);
  return free < (was_low ? low + low / 4 : low);
}

NodeWatch::NodeWatch(Node& node, const LinkHub& hub, Teller& teller)
    : node_(node), hub_(hub), teller_(teller), started_(node.clock().monotonic()), turns_([this] {
        turn();
        return kEvery;
      }) {}

void NodeWatch::turn() {
  look_at_epoch();
  if (node_.clock().monotonic() >= next_round_) {
    look_around();
  }
  std::vector<Condition> holding = slow_;
  look_at_peers(holding);
  look_at_alarms(holding);
  for (const Event& event : book_.look(holding, node_.clock().monotonic(), node_.clock().wall())) {
    tell(event);
  }
}

void NodeWatch::tell(const Event& event) {
  log_info("event kind={} id={} text=\"{}\"", to_text(event.kind), event.id, event.text);
  teller_.tell(event);
}

/// Right after its start a node has heard nobody yet: what it remembers is no silence.
void NodeWatch::look_at_peers(std::vector<Condition>& holding) {
  const auto here_for = node_.clock().monotonic() - started_;
  const std::vector<PeerStatus> peers = hub_.peers();
  for (const PeerStatus& peer : peers) {
    const auto silent_for = node_.clock().wall() - peer.last_contact;
    const bool is_silent = silent_for >= kPeerLostAfter && here_for >= kPeerLostAfter;
    // One that was told stays lost: it was here for a moment, or the clock was set.
    const auto was_told = [&] {
      return std::ranges::count(book_.subjects(EventKind::kPeerLost), peer.node.to_text()) > 0;
    };
    if (!peer.connected && (is_silent || was_told())) {
      holding.push_back(lost_peer(peer));
    }
  }
  for (const std::string& told : book_.subjects(EventKind::kPeerLost)) {
    if (std::ranges::none_of(peers,
                             [&](const PeerStatus& peer) { return peer.node.to_text() == told; })) {
      book_.forget(EventKind::kPeerLost, told);  // it is no member any more
    }
  }
}

void NodeWatch::look_at_alarms(std::vector<Condition>& holding) const {
  for (const Alarm& alarm : node_.alarms().all()) {
    holding.push_back({.kind = EventKind::kAlarm,
                       .subject = alarm.name,
                       .level = 1,
                       .zone = {},
                       .peer = {},
                       .text = alarm.what,
                       .end_text = fmt::format("this is over: {}", alarm.what)});
  }
}

/// The first epoch that a node knows of is no promotion to be told.
void NodeWatch::look_at_epoch() {
  const Epoch epoch = node_.cluster_log().table().position().epoch;
  if (epoch.number <= epoch_) {
    return;
  }
  if (std::exchange(epoch_, epoch.number) == 0) {
    return;
  }
  const bool is_here = epoch.leader == node_.id();
  Event event =
      make_event(EventKind::kPromotion,
                 is_here ? fmt::format("this node leads from epoch {} on", epoch.number)
                         : fmt::format("node {} leads from epoch {} on, this one follows it",
                                       epoch.leader.to_text(), epoch.number),
                 node_.clock().wall());
  event.peer = is_here ? "" : epoch.leader.to_text();
  tell(event);
}

/// What takes longer where there is more of it.
void NodeWatch::look_around() {
  const MonotonicTime begun = node_.clock().monotonic();
  slow_.clear();
  look_at_runways();
  look_at_orphans();
  look_at_disk();
  const MonotonicTime end = node_.clock().monotonic();
  next_round_ = end + kShare * (end - begun);
}

void NodeWatch::look_at_runways() {
  Runways found;
  const WallTime now = node_.clock().wall();
  const TransferDesk& transfers = node_.desk().transfers();
  for (ReplicatedLog* const log : {&node_.cluster_log(), &node_.local_log()}) {
    for (const ZoneRecordPtr& record : log->table().all()) {
      const bool is_answered =
          log->id() == LogId::kCluster || node_.cluster_log().table().find(record->name) == nullptr;
      if (record->zone == nullptr || !is_answered) {
        continue;
      }
      const std::string name = record->name.to_text();
      if (const auto left = transfers.contact_left(log->id(), *record->zone)) {
        found.add(expire_runway(name, record->zone->expire_seconds(), *left, now));
      }
      if (const auto first = signatures_.of(*record, node_.clock())) {
        found.add(
            dated_runway(RunwayKind::kSignature, name, first->inception, first->expiration, now));
      }
    }
  }
  signatures_.end_round();
  const std::filesystem::path& certificate = node_.config().tls.certificate;
  if (!certificate.empty()) {
    // One that cannot be read now is not used either: the TLS server says so.
    if (const auto dates = certificate_dates(certificate)) {
      found.add(dated_runway(RunwayKind::kCertificate, certificate.string(), dates->from,
                             dates->until, now));
    }
  }
  for (const Runway& runway : found.short_ones()) {
    slow_.push_back(short_runway(runway));
  }
  const std::lock_guard lock(mutex_);
  runways_ = std::move(found);
}

void NodeWatch::look_at_orphans() {
  const auto orphans = count_open_orphans(node_.store(), LogId::kCluster);
  if (!orphans || *orphans == 0) {
    return;
  }
  slow_.push_back({.kind = EventKind::kOrphans,
                   .subject = "orphans",
                   .level = *orphans,
                   .zone = {},
                   .peer = {},
                   .text = fmt::format("{} orphaned entries: changes that lost against another "
                                       "history; `tandemctl orphans list` shows them",
                                       *orphans),
                   .end_text = {}});
}

void NodeWatch::look_at_disk() {
  std::error_code error;
  const auto space = std::filesystem::space(node_.config().data, error);
  if (error) {
    return;
  }
  is_disk_low_ = is_disk_low(space.capacity, space.available, is_disk_low_);
  if (!is_disk_low_) {
    return;
  }
  slow_.push_back(
      {.kind = EventKind::kDiskLow,
       .subject = "disk",
       .level = 1,
       .zone = {},
       .peer = {},
       .text = fmt::format("{} MiB are free in {}", space.available >> 20U,
                           node_.config().data.string()),
       .end_text = fmt::format("there is room again in {}", node_.config().data.string())});
}

Runways NodeWatch::runways() const {
  const std::lock_guard lock(mutex_);
  return runways_;
}

}  // namespace tandem
