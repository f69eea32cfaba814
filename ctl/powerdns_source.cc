#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "common/base/text.h"
#include "common/dns/rdata.h"
#include "ctl/json_view.h"
#include "ctl/migration_sources.h"
#include "ctl/powerdns_zone.h"
#include "ctl/table.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::string_view kZones = "/api/v1/servers/localhost/zones";

class PowerDns {
 public:
  PowerDns(const HttpServer& server, const std::string& api_key, std::chrono::seconds limit)
      : server_(server), api_key_(api_key), limit_(limit) {}

  [[nodiscard]] Result<json::value> get(const std::string& target) const {
    const HttpAnswer answer = TRY(ask_http(
        server_,
        {.target = target, .headers = {{"X-API-Key", api_key_}, {"Accept", "application/json"}}},
        limit_));
    if (answer.status == 401) {
      return fail(Errc::kRefused, "PowerDNS does not take the API key (its api-key setting)");
    }
    const auto body = parse_json(answer.body);
    if (answer.status != 200 || !body) {
      return fail(Errc::kUnavailable, "PowerDNS answers {} with HTTP status {}: {}", target,
                  answer.status, safe_text(body ? text_of(*body, "error") : "no JSON"));
    }
    return *body;
  }

 private:
  const HttpServer& server_;
  const std::string& api_key_;
  std::chrono::seconds limit_;
};

/// Why a zone of this kind stays; empty: it comes.
std::string why_kind_stays(std::string_view kind) {
  if (kind == "Slave" || kind == "Secondary") {
    return "a secondary zone: take it from its primary by --from-axfr; --zone takes it anyway";
  }
  if (kind == "Producer" || kind == "Consumer") {
    return "a catalog zone, which lists other zones";
  }
  return {};
}

}  // namespace

Result<Migration> migrate_from_powerdns(const HttpServer& server, const std::string& api_key,
                                        const MoveChoice& choice, std::chrono::seconds step_limit) {
  const PowerDns api(server, api_key, step_limit);
  const json::value listed = TRY(api.get(std::string(kZones)));
  const auto* const zones = listed.if_array();
  if (zones == nullptr) {
    return fail(Errc::kCorrupt, "PowerDNS's list of zones is none");
  }
  Migration migration;
  for (const json::value& zone : *zones) {
    const std::string text = text_of(zone, "name");
    const auto name = Name::from_text(text);
    const std::string why = why_kind_stays(text_of(zone, "kind"));
    if (!name) {
      migration.left_out.push_back({safe_text(text), "no name of a zone"});
    } else if (!choice.wants(*name)) {
      continue;
    } else if (!why.empty() && !choice.names(*name)) {
      migration.left_out.push_back({name->to_text(), why});
    } else {
      MovedZoneBuilder builder(*name, "PowerDNS at " + server.at.host, choice.signatures);
      if (const auto whole =
              api.get(std::string(kZones) + "/" + percent_encoded(text_of(zone, "id")))) {
        read_powerdns_zone(*whole, builder);
      } else {
        builder.problem(whole.error().detail);
      }
      migration.zones.push_back(builder.finish());
    }
  }
  migration.left_out.push_back(
      {"metadata of zones and TSIG keys",
       "not part of a zone: who may transfer and update is said anew here, and keys are taken by "
       "tandemctl key import"});
  tell_of_missing(choice, migration);
  return migration;
}

}  // namespace tandem
