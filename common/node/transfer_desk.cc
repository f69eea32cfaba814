#include "common/node/transfer_desk.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/logging.h"
#include "common/node/zone_steps.h"

namespace tandem {
namespace {

// A change that fits into a datagram is soon found, and who only says to come from an address must
// not keep the log busy.
constexpr StepLimits kUdpLimits{.octets = std::size_t{64} << 10U,
                                .read_octets = std::size_t{256} << 10U};

bool any_allows(const std::vector<TransferRule>& rules, const TransferPeer& peer, NameView zone) {
  return std::ranges::any_of(rules,
                             [&](const TransferRule& rule) { return rule.allows(peer, zone); });
}

}  // namespace

struct TransferDesk::Begun {
  AcceptedRequest asked;
  Found found;
  TransferGate::Slot slot;

  [[nodiscard]] bool is_udp() const noexcept { return asked.request.transport == Transport::kUdp; }
};

TransferDesk::TransferDesk(const Services& services)
    : services_(services),
      gate_(services.rules.at_once, services.rules.at_once_per_peer),
      more_rules_(std::make_shared<const std::vector<TransferRule>>()) {}

void TransferDesk::set_rules(std::vector<TransferRule> rules) {
  auto next = std::make_shared<const std::vector<TransferRule>>(std::move(rules));
  *more_rules_.lock() = std::move(next);
}

void TransferDesk::set_expiry(const ExpiryWatch* expiry) {
  const std::lock_guard lock(remaining_mutex_);
  expiry_ = expiry;
}

void TransferDesk::set_pulls(const PullService* pulls) {
  const std::lock_guard lock(remaining_mutex_);
  pulls_ = pulls;
}

bool TransferDesk::allows(const AcceptedRequest& asked, NameView zone) {
  const ReceivedRequest& request = asked.request;
  const TransferPeer peer{request.from, asked.key, request.is_tls, request.client_pin};
  if (any_allows(services_.rules.allow, peer, zone)) {
    return true;
  }
  const std::shared_ptr<const std::vector<TransferRule>> more = *more_rules_.lock();
  return any_allows(*more, peer, zone);
}

TransferDesk::Found TransferDesk::find(NameView name) {
  CatalogEntry entry = services_.publisher.entry_of(name);
  Found found{std::move(entry.zone), entry.state, nullptr};
  if (found.zone == nullptr) {
    return found;
  }
  // In the order in which they are published.
  for (ReplicatedLog* const log : {&services_.cluster_log, &services_.local_log}) {
    const ZoneRecordPtr record = log->table().find(name);
    if (record != nullptr && record->zone != nullptr) {
      found.log = log;
      break;
    }
  }
  return found;
}

std::optional<std::uint32_t> TransferDesk::contact_left(LogId log, const Zone& zone) const {
  const std::lock_guard lock(remaining_mutex_);
  if (expiry_ != nullptr && log == LogId::kCluster) {  // a copy of the leader's
    return expiry_->remaining(zone);
  }
  const auto pulled = pulls_ != nullptr ? pulls_->remaining(zone.origin()) : std::nullopt;
  return pulled ? std::optional(static_cast<std::uint32_t>(pulled->count())) : std::nullopt;
}

bool TransferDesk::is_copy(LogId log) const {
  const std::lock_guard lock(remaining_mutex_);
  return expiry_ != nullptr && log == LogId::kCluster;
}

std::optional<std::uint32_t> TransferDesk::expire_of(const Found& found) const {
  const LogId log = found.log != nullptr ? found.log->id() : LogId::kLocal;
  const auto left = contact_left(log, *found.zone);
  return left || is_copy(log) ? left : found.zone->expire_seconds();
}

std::optional<std::uint32_t> TransferDesk::expire_seconds(NameView name) {
  const Found found = find(name);
  const bool is_answered = found.zone != nullptr && found.state != ServeState::kExpired;
  return is_answered ? expire_of(found) : std::nullopt;
}

void TransferDesk::answer(AcceptedRequest asked) {
  const bool is_udp = asked.request.transport == Transport::kUdp;
  const bool is_ixfr = asked.query.type == RrType::kIxfr;
  if (!allows(asked, asked.query.name) || (is_udp && !is_ixfr)) {  // RFC 5936 s4.2
    ++stats_.refused_by_rule;
    log_debug("zone transfer refused zone={} from={} key={}", asked.query.name.to_text(),
              asked.request.from.to_text(), asked.key ? asked.key->to_text() : "none");
    asked.reply.send(Rcode::kRefused);
    return;
  }
  Found found = find(asked.query.name);
  if (found.zone == nullptr) {
    asked.reply.send(Rcode::kNotAuth);  // RFC 5936 s2.2.1
    return;
  }
  if (found.state == ServeState::kExpired || found.log == nullptr) {
    asked.reply.send(Rcode::kServFail);  // not to be relied on: too old, or not durable yet
    return;
  }
  if (is_ixfr && !asked.query.known_serial) {
    asked.reply.send(Rcode::kFormErr);  // RFC 1995 s3
    return;
  }
  if (is_ixfr && !is_newer(found.zone->serial(), *asked.query.known_serial)) {
    answer_soa(asked, found);  // RFC 1995 s2
    return;
  }
  auto slot = gate_.enter(asked.request.from);
  if (!slot && is_udp) {
    answer_soa(asked, found);
  } else if (!slot) {
    ++stats_.refused_by_limit;
    asked.reply.send(Rcode::kRefused);
  } else if (is_ixfr) {
    const auto begun =
        std::make_shared<Begun>(Begun{std::move(asked), std::move(found), *std::move(slot)});
    worker_.post([this, begun] { send_changes(std::move(*begun)); });
  } else {
    ++stats_.whole;
    send_whole({std::move(asked), std::move(found), *std::move(slot)});
  }
}

void TransferDesk::answer_soa(AcceptedRequest& asked, const Found& found) {
  ++stats_.soa_alone;
  Octets message =
      soa_answer(*found.zone, asked.reply.form(asked.query, expire_of(found)), asked.reply.limit());
  if (message.empty()) {
    asked.reply.send_truncated();
  } else {
    asked.reply.send(std::move(message));
  }
}

void TransferDesk::send(Begun& begun, TransferStream::Writer writer, const char* what) {
  const Zone& zone = *begun.found.zone;
  TransferStream::Subject subject{what, zone.origin().to_text(), zone.serial(),
                                  begun.asked.request.from.to_text()};
  begun.asked.reply.send(
      std::make_unique<TransferStream>(std::move(writer), begun.asked.reply.signing(),
                                       std::move(subject), std::move(begun.slot), stats_));
}

void TransferDesk::send_whole(Begun begun) {
  const bool is_axfr = begun.asked.query.type == RrType::kAxfr;
  TransferForm form = begun.asked.reply.form(begun.asked.query, expire_of(begun.found));
  send(begun, TransferWriter(begun.found.zone, std::move(form)),
       is_axfr ? "AXFR" : "AXFR for IXFR");
}

/// On the worker's thread.
void TransferDesk::send_changes(Begun begun) {
  const Zone& zone = *begun.found.zone;
  const StepLimits limits = begun.is_udp() ? kUdpLimits : StepLimits{};
  auto step = find_step(*begun.found.log, zone, *begun.asked.query.known_serial, limits);
  if (!step) {
    log_warn("changes not read for IXFR zone={} reason=\"{}\"", zone.origin().to_text(),
             step.error().detail);
  }
  const bool has_step = step && *step;
  if (!has_step && begun.is_udp()) {
    answer_soa(begun.asked, begun.found);
    return;
  }
  if (!has_step) {
    ++stats_.whole_for_changes;
    send_whole(std::move(begun));
    return;
  }
  IxfrWriter writer(zone.origin(), **std::move(step),
                    begun.asked.reply.form(begun.asked.query, expire_of(begun.found)));
  if (!begun.is_udp()) {
    ++stats_.changes;
    send(begun, std::move(writer), "IXFR");
    return;
  }
  Octets message(begun.asked.reply.limit());
  message.resize(writer.next(message));
  if (!writer.is_done()) {
    answer_soa(begun.asked, begun.found);  // RFC 1995 s2: ask over TCP
    return;
  }
  ++stats_.changes;
  stats_.records += writer.records();
  stats_.octets += message.size();
  begun.asked.reply.send(std::move(message));
}

}  // namespace tandem
