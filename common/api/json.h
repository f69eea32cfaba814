// What the node knows as JSON, in the shapes of docs/http_api.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "common/api/api.h"
#include "common/api/zone_names.h"
#include "common/log/entry.h"
#include "common/net/http_server.h"
#include "common/node/change.h"

namespace tandem {

[[nodiscard]] unsigned http_status(Errc code) noexcept;
[[nodiscard]] HttpResponse json_response(unsigned status, const boost::json::value& body);
[[nodiscard]] HttpResponse error_response(const Error& error,
                                          const std::vector<std::string>& details = {});

[[nodiscard]] boost::json::object zone_json(const ApiServices& services, const ZoneRecord& record,
                                            LogId log);
/// All zones of both logs, and those that are answered while they are being stored.
[[nodiscard]] boost::json::array zones_json(const ApiServices& services);
/// The primaries of a zone of that log, as one text; empty: it is one of our own (pull_routes.cc).
[[nodiscard]] std::string source_of_zone(const ApiServices& services, NameView zone, LogId log);
/// How many zones are taken from elsewhere, and how many of them lack their primaries.
[[nodiscard]] boost::json::object pulls_json(const ApiServices& services);
/// Of catalogs that are followed and not as they say; none is well.
[[nodiscard]] boost::json::array catalog_troubles(const ApiServices& services);
/// The runway that ends first; null: there is none (tell_routes.cc).
[[nodiscard]] boost::json::value runway_json(const ApiServices& services);
/// The places that events go to.
[[nodiscard]] boost::json::array tell_json(const ApiServices& services);
/// Alternatives to record sets, and what is answered of each now (failover_routes.cc).
[[nodiscard]] boost::json::array failovers_json(const ApiServices& services);
/// One of them, or all by name: empty where the zone is not among them.
[[nodiscard]] boost::json::array pulled_json(const ApiServices& services,
                                             const std::optional<Name>& zone);
[[nodiscard]] boost::json::object status_json(const ApiServices& services);
[[nodiscard]] boost::json::object receipt_json(const Receipt& receipt, OctetSpan request_id);
[[nodiscard]] boost::json::object position_json(const Position& position);

[[nodiscard]] boost::json::object options_json(const ZoneOptions& options);
[[nodiscard]] boost::json::object actor_json(const Actor& actor);
[[nodiscard]] boost::json::object entry_json(const Entry& entry, ZoneNames& names);

}  // namespace tandem
