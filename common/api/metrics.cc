// /metrics: the Prometheus text format 0.0.4, a page of our own making.
#include <chrono>
#include <iterator>

#include <fmt/format.h>

#include "common/api/route.h"
#include "common/node/orphans.h"

namespace tandem {
namespace {

constexpr std::array<std::string_view, kVerdictCount> kVerdictNames = {
    "answer", "cname", "dname", "referral", "nodata", "nxdomain"};

class Page {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text_), "# HELP tandem_{} {}\n# TYPE tandem_{} {}\n", name,
                   help, name, type);
  }

  template <class T>
  void sample(std::string_view name, std::string_view labels, T value) {
    fmt::format_to(std::back_inserter(text_), "tandem_{}{}{}{} {}\n", name,
                   labels.empty() ? "" : "{", labels, labels.empty() ? "" : "}", value);
  }

  template <class T>
  void one(std::string_view name, std::string_view type, std::string_view help, T value) {
    family(name, type, help);
    sample(name, "", value);
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// A label's value: backslash, quote and newline escaped.
std::string label(std::string_view name, std::string_view value) {
  std::string out = fmt::format("{}=\"", name);
  for (const char c : value) {
    if (c == '\\' || c == '"') {
      out += '\\';
    }
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

void add_dns(Page& page, const Node& node) {
  const DnsTotals totals = node.totals();
  page.family("dns_queries_total", "counter",
              "Messages received, by transport; xdp is UDP past the kernel.");
  page.sample("dns_queries_total", "transport=\"udp\"", totals.udp_queries);
  page.sample("dns_queries_total", "transport=\"tcp\"", totals.tcp_queries);
  page.sample("dns_queries_total", "transport=\"xdp\"", totals.xdp_queries);
  page.one("dns_answers_total", "counter", "Answers made.", totals.answers);
  page.one("dns_dropped_total", "counter", "Messages that get no answer.", totals.dropped);
  page.one("dns_truncated_total", "counter", "Answers with TC.", totals.truncated);
  page.one("dns_edns_queries_total", "counter", "Queries with EDNS.", totals.edns);
  page.one("dns_dnssec_queries_total", "counter", "Queries with the DO bit.", totals.dnssec_ok);
  page.one("dns_send_failures_total", "counter", "Answers the kernel did not take.",
           totals.send_failed);
  page.one("dns_received_octets_total", "counter", "Octets of messages received.",
           totals.octets_in);
  page.one("dns_sent_octets_total", "counter", "Octets of answers.", totals.octets_out);
  page.family("dns_rcodes_total", "counter", "Answers by rcode.");
  for (std::size_t i = 0; i < totals.rcode.size(); ++i) {
    if (totals.rcode[i] > 0) {
      page.sample("dns_rcodes_total", label("rcode", to_text(static_cast<Rcode>(i))),
                  totals.rcode[i]);
    }
  }
  page.family("dns_verdicts_total", "counter", "What the zones said of the name first asked for.");
  for (std::size_t i = 0; i < totals.verdict.size(); ++i) {
    page.sample("dns_verdicts_total", label("verdict", kVerdictNames[i]), totals.verdict[i]);
  }
  const RequestStats& requests = node.desk().stats();
  page.family("dns_updates_total", "counter", "Updates (RFC 2136) answered, by rcode.");
  for (std::size_t i = 0; i < requests.updates.size(); ++i) {
    if (requests.updates[i] > 0) {
      page.sample("dns_updates_total", label("rcode", to_text(static_cast<Rcode>(i))),
                  requests.updates[i].load());
    }
  }
  page.family("dns_signatures_total", "counter",
              "Signed requests (TSIG), by what they were worth.");
  page.sample("dns_signatures_total", "verdict=\"good\"", requests.good_signatures.load());
  page.sample("dns_signatures_total", "verdict=\"badkey\"", requests.bad_keys.load());
  page.sample("dns_signatures_total", "verdict=\"badsig\"", requests.bad_signatures.load());
  page.sample("dns_signatures_total", "verdict=\"badtime\"", requests.bad_times.load());
  const TcpStats& tcp = node.tcp_stats();
  page.one("tcp_connections", "gauge", "DNS connections open now.", tcp.open.value());
  page.one("tcp_accepted_total", "counter", "DNS connections accepted.", tcp.accepted.value());
  page.one("tcp_refused_total", "counter", "DNS connections over a cap.", tcp.refused.value());
  page.one("tcp_timed_out_total", "counter", "DNS connections closed for being idle or slow.",
           tcp.timed_out.value());
  page.family("tls_handshakes_total", "counter", "TLS handshakes of DNS over TLS, by their end.");
  page.sample("tls_handshakes_total", "result=\"done\"", tcp.tls.value());
  page.sample("tls_handshakes_total", "result=\"failed\"", tcp.tls_failed.value());
}

void add_transfers(Page& page, const Node& node) {
  const TransferStats& stats = node.desk().transfers().stats();
  page.family("transfers_total", "counter",
              "Transfers answered, by what was asked for and what went out.");
  page.sample("transfers_total", "asked=\"axfr\",sent=\"zone\"", stats.whole.load());
  page.sample("transfers_total", "asked=\"ixfr\",sent=\"changes\"", stats.changes.load());
  page.sample("transfers_total", "asked=\"ixfr\",sent=\"zone\"", stats.whole_for_changes.load());
  page.sample("transfers_total", "asked=\"ixfr\",sent=\"soa\"", stats.soa_alone.load());
  page.family("transfers_refused_total", "counter",
              "Transfers that no rule allows, and those over the limits.");
  page.sample("transfers_refused_total", "by=\"rule\"", stats.refused_by_rule.load());
  page.sample("transfers_refused_total", "by=\"limit\"", stats.refused_by_limit.load());
  page.one("transfers_cut_total", "counter", "Transfers that began and did not come to their end.",
           stats.cut.load());
  page.one("transfer_records_total", "counter", "Records sent in transfers.", stats.records.load());
  page.one("transfer_octets_total", "counter", "Octets of the messages of transfers.",
           stats.octets.load());
}

void add_xdp(Page& page, const Node& node) {
  page.family("xdp_queues", "gauge",
              "Queues of the interface answered past the kernel; 0: by sockets.");
  for (const XdpState& state : node.xdp()) {
    page.sample("xdp_queues", label("interface", state.interface), state.queues);
  }
}

void add_zones(Page& page, const ApiServices& services) {
  Node& node = *services.node;
  page.family("zone_serial", "gauge", "SOA serial answered.");
  std::vector<ZoneRecordPtr> zones = node.cluster_log().table().all();
  for (ZoneRecordPtr& record : node.local_log().table().all()) {
    if (node.cluster_log().table().find(record->name) == nullptr) {  // that one is answered
      zones.push_back(std::move(record));
    }
  }
  std::erase_if(zones, [](const ZoneRecordPtr& record) { return record->zone == nullptr; });
  for (const ZoneRecordPtr& record : zones) {
    page.sample("zone_serial", label("zone", record->name.to_text()), record->zone->serial());
  }
  page.family("zone_records", "gauge", "Records held.");
  for (const ZoneRecordPtr& record : zones) {
    page.sample("zone_records", label("zone", record->name.to_text()),
                record->zone->record_count());
  }
  page.family("zone_expired", "gauge", "1 when past SOA EXPIRE without contact.");
  for (const ZoneRecordPtr& record : zones) {
    page.sample("zone_expired", label("zone", record->name.to_text()),
                node.publisher().state_of(record->name) == ServeState::kServing ? 0 : 1);
  }
}

void add_cluster(Page& page, const ApiServices& services) {
  Node& node = *services.node;
  const Position position = node.cluster_log().table().position();
  page.one("leader", "gauge", "1 when this node leads.", node.role() == Role::kLeader ? 1 : 0);
  page.one("writable", "gauge", "1 when changes are taken.",
           services.read_only_reason().empty() ? 1 : 0);
  page.one("log_sequence", "gauge", "Last entry that is durable and answered.", position.sequence);
  page.one("log_epoch", "gauge", "Epoch of that entry.", position.epoch.number);
  page.one("log_octets", "gauge", "Octets of the entries kept.",
           node.cluster_log().entries().total_octets());
  page.one("alarms", "gauge", "Conditions that need a human.", node.alarms().all().size());
  page.one("orphans", "gauge", "Entries that the cluster's history has not, still to be decided.",
           count_open_orphans(node.store(), LogId::kCluster).value_or(0));
  page.family("peer_connected", "gauge", "1 while the link to the node is up.");
  const std::vector<PeerStatus> peers = services.hub->peers();
  for (const PeerStatus& peer : peers) {
    page.sample("peer_connected", label("node", peer.node.to_text()), peer.connected ? 1 : 0);
  }
  page.family("peer_sequence", "gauge", "Last entry that the node acknowledged or told.");
  for (const PeerStatus& peer : peers) {
    page.sample("peer_sequence", label("node", peer.node.to_text()), peer.position.sequence);
  }
  page.family("peer_last_contact_seconds", "gauge", "Unix time when the node was heard last.");
  for (const PeerStatus& peer : peers) {
    page.sample("peer_last_contact_seconds", label("node", peer.node.to_text()),
                std::chrono::duration<double>(peer.last_contact.time_since_epoch()).count());
  }
}

void add_pulls(Page& page, const PullStats& stats) {
  page.one("pulled_zones", "gauge", "Zones that are taken from elsewhere.", stats.zones);
  page.one("pulled_zones_failing", "gauge", "Those that the last look at their primaries failed.",
           stats.failing);
  page.one("pulled_zones_expired", "gauge", "Those past SOA EXPIRE without contact.",
           stats.expired);
  page.one("pull_questions_total", "counter", "SOA questions to primaries.", stats.questions);
  page.family("pull_transfers_total", "counter", "Transfers from primaries that were begun.");
  page.sample("pull_transfers_total", "type=\"ixfr\"", stats.ixfrs);
  page.sample("pull_transfers_total", "type=\"axfr\"", stats.axfrs);
  page.one("pull_ixfr_fallbacks_total", "counter", "AXFRs because IXFR went wrong.",
           stats.axfrs_for_ixfr);
  page.one("pull_transfers_failed_total", "counter", "Transfers that made no zone.", stats.failed);
  page.family("pull_notifies_total", "counter", "NOTIFY for zones taken from elsewhere.");
  page.sample("pull_notifies_total", "taken=\"yes\"", stats.notifies);
  page.sample("pull_notifies_total", "taken=\"no\"", stats.notifies_refused);
}

void add_runways(Page& page, const NodeWatch& watch) {
  const Runways runways = watch.runways();
  page.family("runway_seconds", "gauge",
              "Until the first zone expires without another contact, the first signature made "
              "elsewhere ends, the certificate ends.");
  for (const auto kind : {RunwayKind::kExpire, RunwayKind::kSignature, RunwayKind::kCertificate}) {
    if (const auto& shortest = runways.shortest(kind)) {
      page.sample("runway_seconds", label("kind", to_text(kind)), shortest->left.count());
    }
  }
}

/// Two webhooks may have one name, since that is without the path: they are numbered.
void add_tell(Page& page, const std::vector<TellState>& states) {
  const auto each = [&](std::string_view name, std::string_view more, auto TellState::* member) {
    for (std::size_t i = 0; i < states.size(); ++i) {
      page.sample(name,
                  fmt::format("place=\"{}\",{},{}{}", i + 1, label("kind", states[i].kind),
                              label("to", states[i].name), more),
                  states[i].*member);
    }
  };
  page.family("tell_attempts_total", "counter", "Attempts to tell an event, by their outcome.");
  each("tell_attempts_total", ",result=\"told\"", &TellState::told);
  each("tell_attempts_total", ",result=\"failed\"", &TellState::failed);
  page.family("tell_dropped_total", "counter", "Events that were never told.");
  each("tell_dropped_total", "", &TellState::dropped);
  page.family("tell_waiting", "gauge", "Events that are not told yet.");
  each("tell_waiting", "", &TellState::waiting);
}

void add_failovers(Page& page, const std::vector<FailoverView>& all) {
  page.family(
      "failover_down", "gauge",
      "1 while the service of a record set counts as down; its alternative then stands in.");
  for (const FailoverView& view : all) {
    page.sample("failover_down",
                fmt::format("{},{}", label("name", view.failover.key.owner.to_text()),
                            label("type", to_text(view.failover.key.type))),
                view.in_force == Health::kDown ? 1 : 0);
  }
}

}  // namespace

HttpResponse read_metrics(const ApiServices& services) {
  Page page;
  page.family("build_info", "gauge", "Always 1; the labels tell.");
  page.sample("build_info", label("version", services.version), 1);
  page.one("start_time_seconds", "gauge", "Unix time of the start.",
           std::chrono::duration<double>(services.node->started().time_since_epoch()).count());
  add_dns(page, *services.node);
  add_transfers(page, *services.node);
  add_xdp(page, *services.node);
  add_zones(page, services);
  add_cluster(page, services);
  add_runways(page, *services.watch);
  add_tell(page, services.teller->states());
  add_failovers(page, services.failover->all());
  if (services.pulls != nullptr) {
    add_pulls(page, services.pulls->stats());
  }
  for (const ApiServices::Metric& metric : services.role_metrics()) {
    page.one(metric.name, metric.is_counter ? "counter" : "gauge", metric.help, metric.value);
  }
  return {200, "text/plain; version=0.0.4; charset=utf-8", page.take()};
}

}  // namespace tandem
