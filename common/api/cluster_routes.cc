// The nodes of the cluster: who they are, who is invited, who goes.
#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/node/config_values.h"

namespace tandem {
namespace {

namespace json = boost::json;

/// What is known of the node that has one of these keys; null: nothing.
const PeerStatus* find_peer(const std::vector<PeerStatus>& peers, const Member& member) {
  const auto is_it = [&member](const PeerStatus& peer) {
    return (peer.key && std::ranges::find(member.pins, *peer.key) != member.pins.end()) ||
           (member.node && peer.node == *member.node);
  };
  // A node that came back with an emptied folder is another one: who is there counts.
  const auto connected = std::ranges::find_if(
      peers, [&](const PeerStatus& peer) { return peer.connected && is_it(peer); });
  const auto found = connected != peers.end() ? connected : std::ranges::find_if(peers, is_it);
  return found != peers.end() ? &*found : nullptr;
}

json::object member_json(const Member& member, std::string_view source,
                         const std::vector<PeerStatus>& peers) {
  json::array keys;
  for (const KeyPin& pin : member.pins) {
    keys.emplace_back(pin.to_text());
  }
  json::object out{{"node", member.node ? member.node->to_text() : ""},
                   {"keys", std::move(keys)},
                   {"dial", member.dial},
                   {"ns", member.ns},
                   {"source", source},
                   {"connected", false}};
  if (const PeerStatus* const peer = find_peer(peers, member); peer != nullptr) {
    out["node"] = peer->node.to_text();
    out["address"] = peer->address;
    out["role"] = peer->is_leader ? "leader" : "follower";
    out["connected"] = peer->connected;
    out["last_contact"] = to_text(peer->last_contact);
  }
  return out;
}

HttpResponse show(const ApiServices& services) {
  const MemberList list = services.enrolment->book().list();
  const std::vector<PeerStatus> peers = services.hub->peers();
  json::array members;
  for (const Member& member : list.members) {
    members.push_back(member_json(member, "enrolment", peers));
  }
  for (const KeyPin& pin : services.node->config().peer_keys) {
    if (!list.has(pin)) {
      members.push_back(
          member_json({.pins = {pin}, .dial = {}, .ns = {}, .node = {}}, "configuration", peers));
    }
  }
  json::array invitations;
  for (const Invitation& invitation : list.invitations) {
    invitations.push_back(json::object{{"at", invitation.at},
                                       {"ns", invitation.ns},
                                       {"until", to_text(invitation.until)},
                                       {"tries_left", invitation.tries_left},
                                       {"detail", services.enrolment->detail_of(invitation)}});
  }
  const ClusterId cluster = services.node->cluster_id();
  return json_response(200, json::object{{"cluster", cluster.is_zero() ? "" : cluster.to_text()},
                                         {"node", services.node->id().to_text()},
                                         {"key", services.enrolment->key().pin.to_text()},
                                         {"members", std::move(members)},
                                         {"invitations", std::move(invitations)}});
}

Result<HttpResponse> invite(const ApiServices& services, const HttpRequest& request) {
  if (services.node->role() != Role::kLeader) {
    return fail(Errc::kRefused, "this node follows: invite at the leader");
  }
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"at", "ns"}));
  const std::string asked = TRY(text_member(body, "at", ""));
  const std::string at = TRY(dial_text_from_text(asked));
  std::string ns = TRY(text_member(body, "ns", ""));
  if (!ns.empty()) {
    ns = TRY(zone_name(ns)).to_text();
  }
  const Enrolment::Invited invited = TRY(services.enrolment->invite(at, ns));
  return json_response(
      201, json::object{
               {"token", invited.token.to_text()}, {"at", at}, {"until", to_text(invited.until)}});
}

/// Fails: kRefused for what the configuration names, which only a human can change.
Status check_not_configured(const ApiServices& services, std::string_view who) {
  const auto& pins = services.node->config().peer_keys;
  const MemberList list = services.enrolment->book().list();
  const auto is_configured = [&](const KeyPin& pin) {
    const auto peers = services.hub->peers();
    return pin.to_text() == who || std::ranges::any_of(peers, [&](const PeerStatus& peer) {
             return peer.key == pin && peer.node.to_text() == who;
           });
  };
  if (std::ranges::any_of(pins, is_configured)) {
    return fail(Errc::kRefused,
                "this node's configuration names the key of {}: take it out of peer_keys (or "
                "--peer-key) and start the node again",
                who);
  }
  return {};
}

Result<HttpResponse> remove(const ApiServices& services, std::string_view who) {
  TRYV(check_not_configured(services, who));
  const Member removed = TRY(services.enrolment->remove(who, services.hub->peers()));
  return json_response(200, json::object{{"removed", member_json(removed, "enrolment", {})}});
}

Result<HttpResponse> rotate(const ApiServices& services) {
  const KeyPin pin = TRY(services.enrolment->rotate(services.hub->peers()));
  return json_response(200, json::object{{"key", pin.to_text()}});
}

HttpResponse to_response(Result<HttpResponse> result) {
  return result ? *std::move(result) : error_response(result.error());
}

}  // namespace

void route_cluster(const ApiServices& services, const HttpRequest& request,
                   const std::vector<std::string>& path, const HttpRespond& respond) {
  if (path.size() == 1) {
    respond(is_read(request) ? show(services) : method_not_allowed(request));
  } else if (path.size() == 2 && path[1] == "invitations") {
    respond(request.method == "POST" ? to_response(invite(services, request))
                                     : method_not_allowed(request));
  } else if (path.size() == 2 && path[1] == "rotate") {
    respond(request.method == "POST" ? to_response(rotate(services)) : method_not_allowed(request));
  } else if (path.size() == 3 && path[1] == "members") {
    respond(request.method == "DELETE" ? to_response(remove(services, path[2]))
                                       : method_not_allowed(request));
  } else {
    respond(not_found(request));
  }
}

}  // namespace tandem
