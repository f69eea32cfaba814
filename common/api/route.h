// One request on its way through the API: the path taken apart, and the helpers that every route
// needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "common/api/api.h"
#include "common/base/result.h"
#include "common/net/http_server.h"

namespace tandem {

/// Segments behind the base path, percent-decoded. Fails: kNotFound outside of the base.
Result<std::vector<std::string>> path_segments(std::string_view path);

/// A zone's name as a path or a body has it; the final dot may be missing. Fails: kInvalid.
Result<Name> zone_name(std::string_view text);

/// A zone of this node, whichever log it is in. Fails: kNotFound.
struct FoundZone {
  ReplicatedLog* log = nullptr;
  ZoneRecordPtr record;
};

Result<FoundZone> find_zone(const ApiServices& services, std::string_view name);
/// The same with content. Fails: kNotFound.
Result<FoundZone> find_content(const ApiServices& services, std::string_view name);

/// The request's query parameter as a number. Fails: kInvalid when it is none.
Result<std::uint64_t> number_parameter(const HttpRequest& request, std::string_view name,
                                       std::uint64_t missing);
[[nodiscard]] bool flag_parameter(const HttpRequest& request, std::string_view name);

/// HEAD is answered as GET; what it has too much the server leaves out.
[[nodiscard]] bool is_read(const HttpRequest& request);
[[nodiscard]] HttpResponse not_found(const HttpRequest& request);
[[nodiscard]] HttpResponse method_not_allowed(const HttpRequest& request);

/// Reads. Each gives its response at once.
Result<HttpResponse> read_zone_records(const ApiServices& services, const HttpRequest& request,
                                       std::string_view zone);
Result<HttpResponse> read_zone_export(const ApiServices& services, std::string_view zone);
Result<HttpResponse> read_zone_digest(const ApiServices& services, std::string_view zone);
/// Entries of the cluster's log after `after`; nothing when there are none yet.
Result<std::optional<HttpResponse>> read_log(const ApiServices& services,
                                             const HttpRequest& request);
[[nodiscard]] HttpResponse read_metrics(const ApiServices& services);

/// A zone as a master file, its notes as comments in it (note_json.h).
[[nodiscard]] HttpResponse export_response(const Zone& zone, const NoteSet& notes);

/// What zones were, and bringing it back (history_routes.cc). Each may take long: not for the HTTP
/// server's thread.
Result<HttpResponse> read_zone_history(const ApiServices& services, const HttpRequest& request,
                                       std::string_view zone);
Result<HttpResponse> read_zone_diff(const ApiServices& services, const HttpRequest& request,
                                    std::string_view zone);
/// The export of the content that the zone had at the serial of the request.
Result<HttpResponse> read_old_export(const ApiServices& services, const HttpRequest& request,
                                     std::string_view zone);
Result<HttpResponse> read_deleted_zones(const ApiServices& services);
/// These two answer through `respond` unless they fail.
Status revert_zone(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                   const HttpRespond& respond);
Status restore_zone(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                    const HttpRespond& respond);

/// Changes. Each answers through `respond`, at once or from the writer's thread.
void create_zone(const ApiServices& services, const HttpRequest& request,
                 const HttpRespond& respond);
void change_zone_options(const ApiServices& services, const HttpRequest& request,
                         std::string_view zone, const HttpRespond& respond);
void delete_zone(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                 const HttpRespond& respond);
/// Takes the body out of the request: a large text makes room for its zone.
void import_zone(const ApiServices& services, HttpRequest& request, std::string_view zone,
                 const HttpRespond& respond);
void change_records(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                    const HttpRespond& respond);

/// TSIG keys (key_routes.cc).
[[nodiscard]] HttpResponse list_keys(const ApiServices& services);
Result<HttpResponse> read_key(const ApiServices& services, const HttpRequest& request,
                              std::string_view key);
void add_keys(const ApiServices& services, const HttpRequest& request, const HttpRespond& respond);
void delete_key(const ApiServices& services, const HttpRequest& request, std::string_view key,
                const HttpRespond& respond);

/// Named addresses (address_routes.cc).
[[nodiscard]] HttpResponse list_addresses(const ApiServices& services);
void set_address(const ApiServices& services, const HttpRequest& request, std::string_view name,
                 const HttpRespond& respond);
void remove_address(const ApiServices& services, const HttpRequest& request, std::string_view name,
                    const HttpRespond& respond);
/// Lets the records of some zones that have the address follow it.
void bind_address(const ApiServices& services, const HttpRequest& request, std::string_view name,
                  const HttpRespond& respond);

/// Servers outside of the cluster that follow zones: /secondaries, and what is below it
/// (secondary_routes.cc).
void route_secondaries(const ApiServices& services, const HttpRequest& request,
                       const std::vector<std::string>& path, const HttpRespond& respond);
/// Alternatives to record sets: /failover, and what is below it (failover_routes.cc).
void route_failover(const ApiServices& services, const HttpRequest& request,
                    const std::vector<std::string>& path, const HttpRespond& respond);
/// Catalogs of zones: /catalogs, and what is below it; may take long. And how a zone stands to
/// them: /zones/{zone}/catalog, and what is below it (catalog_routes.cc).
void route_catalogs(const ApiServices& services, const HttpRequest& request,
                    const std::vector<std::string>& path, const HttpRespond& respond);
void route_member(const ApiServices& services, const HttpRequest& request,
                  const std::vector<std::string>& path, const HttpRespond& respond);
/// The nodes of the cluster: /cluster, and what is below it; may take long (cluster_routes.cc).
void route_cluster(const ApiServices& services, const HttpRequest& request,
                   const std::vector<std::string>& path, const HttpRespond& respond);
/// What passes between this node and other servers: /xfr, and what is below it (xfr_routes.cc).
void route_xfr(const ApiServices& services, const HttpRequest& request,
               const std::vector<std::string>& path, const HttpRespond& respond);
/// Zones that are taken from elsewhere: /zones/{zone}/source (pull_routes.cc).
void route_source(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                  const HttpRespond& respond);

/// /tell/test (tell_routes.cc).
void route_tell_test(const ApiServices& services, const HttpRequest& request,
                     const HttpRespond& respond);

/// Who leads: /promote, and /link/keep for two histories (promotion_routes.cc).
void route_promote(const ApiServices& services, const HttpRequest& request,
                   const HttpRespond& respond);
void route_link(const ApiServices& services, const HttpRequest& request,
                const std::vector<std::string>& path, const HttpRespond& respond);

/// Entries that did not stay: /orphans, and what is below it; waits for the leader
/// (orphan_routes.cc).
void route_orphans(const ApiServices& services, const HttpRequest& request,
                   const std::vector<std::string>& path, const HttpRespond& respond);

/// Rules that say who may change what (policy_routes.cc).
[[nodiscard]] HttpResponse list_policies(const ApiServices& services);
Result<HttpResponse> read_policy(const ApiServices& services, std::string_view zone);
/// Which rule decides about an update that the body describes. Nothing is changed.
Result<HttpResponse> test_policy(const ApiServices& services, const HttpRequest& request,
                                 std::string_view zone);
void add_rules(const ApiServices& services, const HttpRequest& request, std::string_view zone,
               const HttpRespond& respond);
void remove_rule(const ApiServices& services, const HttpRequest& request, std::string_view zone,
                 const HttpRespond& respond);

}  // namespace tandem
