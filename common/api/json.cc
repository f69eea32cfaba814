#include "common/api/json.h"

#include <algorithm>
#include <map>
#include <sys/statvfs.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "common/base/encoding.h"
#include "common/node/orphans.h"

namespace tandem {
namespace {

namespace json = boost::json;

std::string_view state_name(const ZoneRecord& record, ServeState state) noexcept {
  if (record.zone == nullptr) {
    return "empty";
  }
  switch (state) {
    case ServeState::kServing:
      return "serving";
    case ServeState::kStale:
      return "stale";
    case ServeState::kExpired:
      return "expired";
  }
  return "serving";
}

json::object store_json(const ApiServices& services) {
  const std::string folder = services.node->config().data.string();
  struct statvfs space{};
  const bool known = ::statvfs(folder.c_str(), &space) == 0;
  const std::string broken = services.node->cluster_log().broken_reason();
  return {{"folder", folder},
          {"state", !broken.empty()                ? "failed"
                    : services.node->is_doubtful() ? "doubtful"
                                                   : "good"},
          {"detail", !broken.empty() ? broken : services.node->store_detail()},
          {"free_octets", known ? space.f_bavail * space.f_frsize : 0}};
}

/// A follower's lag: the age of the first entry that it lacks. Ours behind a leader: since when we
/// know, which is its last word.
std::int64_t lag_of(const ApiServices& services, const PeerStatus& peer) {
  WallTime since = peer.last_contact;
  if (!peer.is_leader) {
    const auto entry = services.node->cluster_log().entries().read(peer.position.sequence + 1);
    since = entry ? entry->time : services.node->clock().wall();
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(services.node->clock().wall() -
                                                               since)
      .count();
}

json::array peers_json(const ApiServices& services) {
  json::array peers;
  const Position ours = services.node->cluster_log().table().position();
  for (const PeerStatus& peer : services.hub->peers()) {
    const auto [ahead, after] = std::minmax(ours.sequence, peer.position.sequence);
    const std::uint64_t behind =
        (peer.position.sequence < ours.sequence) == peer.is_leader ? 0 : after - ahead;
    const std::int64_t lag_ms = behind > 0 ? lag_of(services, peer) : 0;
    std::string state = !peer.detail.empty() ? peer.detail
                        : behind == 0        ? "in step"
                                             : "catching up";
    peers.push_back(json::object{{"node", peer.node.to_text()},
                                 {"address", peer.address},
                                 {"version", peer.version},
                                 {"role", peer.is_leader ? "leader" : "follower"},
                                 {"connected", peer.connected},
                                 {"since", to_text(peer.since)},
                                 {"last_contact", to_text(peer.last_contact)},
                                 {"sequence", peer.position.sequence},
                                 {"lag_entries", behind},
                                 {"lag_ms", lag_ms},
                                 {"clock_offset_ms", peer.clock_offset_ms},
                                 {"sees_us_at", peer.observed_address},
                                 {"state", state}});
  }
  return peers;
}

}  // namespace

unsigned http_status(Errc code) noexcept {
  switch (code) {
    case Errc::kInvalid:
      return 422;
    case Errc::kNotFound:
      return 404;
    case Errc::kExists:
    case Errc::kConflict:
      return 409;
    case Errc::kRefused:
      return 403;
    case Errc::kUnavailable:
      return 503;
    case Errc::kNoSpace:
      return 507;
    case Errc::kTooLarge:
      return 413;
    case Errc::kTimeout:
      return 504;
    case Errc::kCorrupt:
    case Errc::kIo:
    case Errc::kInternal:
      return 500;
  }
  return 500;
}

HttpResponse json_response(unsigned status, const json::value& body) {
  return {status, "application/json", json::serialize(body)};
}

HttpResponse error_response(const Error& error, const std::vector<std::string>& details) {
  json::object inner{{"code", to_text(error.code)}, {"text", error.detail}};
  if (!details.empty()) {
    inner["details"] = json::array(details.begin(), details.end());
  }
  return json_response(http_status(error.code), json::object{{"error", std::move(inner)}});
}

json::object position_json(const Position& position) {
  return {{"epoch", position.epoch.number},
          {"leader", position.epoch.leader.to_text()},
          {"sequence", position.sequence},
          {"chain", to_hex(position.chain)}};
}

namespace {

void add_content(const Zone& content, json::object& to) {
  const Zone::Memory memory = content.memory();
  to["serial"] = content.serial();
  to["records"] = content.record_count();
  to["names"] = content.name_count();
  to["signed"] = content.is_presigned() ? "elsewhere" : "no";
  to["memory_octets"] = memory.arena_octets + memory.index_octets;
  to["expire_s"] = content.expire_seconds();
}

json::object zone_json(const ApiServices& services, const ZoneRecord& record, LogId log,
                       std::optional<std::chrono::seconds> image_age,
                       const std::string* loaded_from) {
  const ServeState state = services.node->publisher().state_of(record.name);
  json::object zone{{"name", record.name.to_text()},
                    {"id", record.id.to_text()},
                    {"log", log == LogId::kCluster ? "cluster" : "local"},
                    {"state", state_name(record, state)},
                    {"sequence", record.sequence}};
  for (const auto& option : options_json(record.options)) {
    zone.insert(option);
  }
  if (record.zone != nullptr) {
    add_content(*record.zone, zone);
  }
  zone["image_age_s"] = image_age ? json::value(image_age->count()) : json::value(nullptr);
  if (loaded_from != nullptr) {
    zone["loaded_from"] = *loaded_from;
  }
  zone["source"] = source_of_zone(services, record.name, log);
  return zone;
}

}  // namespace

json::object zone_json(const ApiServices& services, const ZoneRecord& record, LogId log) {
  const bool has_keeper = log == LogId::kCluster && services.cluster_keeper != nullptr;
  const std::vector<ZoneFile>& files = services.node->config().zones;
  const auto file = std::ranges::find(files, record.name, &ZoneFile::zone);
  return zone_json(services, record, log,
                   has_keeper ? services.cluster_keeper->image_age(record.id) : std::nullopt,
                   file != files.end() ? &file->file : nullptr);
}

json::array zones_json(const ApiServices& services) {
  json::array zones;
  std::map<ZoneId, std::chrono::seconds> ages;  // of the cluster's
  if (services.cluster_keeper != nullptr) {
    ages = services.cluster_keeper->image_ages();
  }
  std::map<NameView, const std::string*> files;
  for (const ZoneFile& file : services.node->config().zones) {
    files[file.zone] = &file.file;
  }
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    for (const ZoneRecordPtr& record : log->table().all()) {
      const auto age = ages.find(record->id);
      const auto file = files.find(record->name);
      const bool has_age = log->id() == LogId::kCluster && age != ages.end();
      zones.push_back(zone_json(services, *record, log->id(),
                                has_age ? std::optional(age->second) : std::nullopt,
                                file != files.end() ? file->second : nullptr));
    }
  }
  for (const ZonePtr& content : services.node->publisher().storing()) {
    json::object zone{{"name", Name(content->origin()).to_text()}, {"state", "storing"}};
    add_content(*content, zone);
    zones.push_back(std::move(zone));
  }
  return zones;
}

json::array xdp_json(const Node& node) {
  json::array interfaces;
  for (const XdpState& state : node.xdp()) {
    interfaces.push_back(json::object{{"interface", state.interface},
                                      {"mode", state.mode},
                                      {"queues", state.queues},
                                      {"reason", state.reason}});
  }
  return interfaces;
}

json::object status_json(const ApiServices& services) {
  Node& node = *services.node;
  const std::string read_only = services.read_only_reason();
  json::array listening;
  for (const std::string& address : node.listening()) {
    listening.emplace_back(address);
  }
  json::array listening_tls;
  for (const std::string& address : node.listening_tls()) {
    listening_tls.emplace_back(address);
  }
  json::array links;
  for (const std::string& address : services.link_listening()) {
    links.emplace_back(address);
  }
  json::array dialling;
  for (const DialState& dial : services.link_dialling()) {
    dialling.push_back(json::object{
        {"address", dial.address}, {"connected", dial.connected}, {"last_error", dial.last_error}});
  }
  json::array alarms;
  for (const Alarm& alarm : node.alarms().all()) {
    alarms.push_back(json::object{{"since", to_text(alarm.since)}, {"what", alarm.what}});
  }
  const RoleRow role = node.role_row();
  const auto orphans = count_open_orphans(node.store(), LogId::kCluster);
  return {{"program", services.program},
          {"version", services.version},
          {"role", to_text(role.role)},
          {"role_since", role.since == WallTime{} ? "" : to_text(role.since)},
          {"node", node.id().to_text()},
          {"cluster", node.cluster_id().is_zero() ? "" : node.cluster_id().to_text()},
          {"key", services.enrolment->key().pin.to_text()},
          {"started", to_text(node.started())},
          {"now", to_text(node.clock().wall())},
          {"listen", std::move(listening)},
          {"listen_tls", std::move(listening_tls)},
          {"xdp", xdp_json(node)},
          {"link_listen", std::move(links)},
          {"writable", read_only.empty()},
          {"read_only_reason", read_only},
          {"position", position_json(node.cluster_log().table().position())},
          {"first_sequence", node.cluster_log().entries().first_sequence()},
          {"store", store_json(services)},
          {"alarms", std::move(alarms)},
          {"orphans", orphans.value_or(0)},
          {"runway", runway_json(services)},
          {"tell", tell_json(services)},
          {"peers", peers_json(services)},
          {"dialling", std::move(dialling)},
          {"pulls", pulls_json(services)},
          {"catalogs", catalog_troubles(services)},
          {"failovers", failovers_json(services)},
          {"zones", zones_json(services)}};
}

json::object receipt_json(const Receipt& receipt, OctetSpan request_id) {
  json::object out{{"changed", receipt.changed}};
  if (!receipt.zone.is_zero()) {
    out["zone"] = receipt.zone_name.to_text();
    out["zone_id"] = receipt.zone.to_text();
    out["serial"] = receipt.serial;
  }
  out["position"] = position_json(receipt.position);
  out["request_id"] = as_text(request_id);
  out["warnings"] = json::array(receipt.warnings.begin(), receipt.warnings.end());
  if (receipt.has_waited) {
    json::array nodes;
    for (const NodeReached& node : receipt.nodes) {
      nodes.push_back(json::object{{"node", node.node.to_text()}, {"has_it", node.has_it}});
    }
    out["followers"] = std::move(nodes);
  }
  if (receipt.has_waited_outside) {
    json::array servers;
    for (const OutsideReached& server : receipt.outside) {
      json::object each{
          {"secondary", server.name}, {"address", server.address}, {"has_it", server.has_it}};
      if (server.serial) {
        each["serial"] = *server.serial;
      }
      servers.push_back(std::move(each));
    }
    out["outside"] = std::move(servers);
  }
  return out;
}

}  // namespace tandem
