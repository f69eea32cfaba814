// Technitium's HTTP API as its documentation has it (APIDOCS.md of version 15): always status 200,
// what came of it in the member `status`. The token goes in the body, so that no log of requests
// keeps it.
#include <boost/json/array.hpp>
#include <fmt/core.h>

#include "ctl/json_view.h"
#include "ctl/migration_sources.h"
#include "ctl/table.h"
#include "ctl/technitium_zone.h"

namespace tandem {
namespace {

namespace json = boost::json;

using Form = std::vector<std::pair<std::string_view, std::string_view>>;

class Technitium {
 public:
  Technitium(const HttpServer& server, const std::string& token, std::chrono::seconds limit)
      : server_(server), token_(token), limit_(limit) {}

  /// The answer's body, whatever it is.
  [[nodiscard]] Result<std::string> ask(const std::string& target, const Form& form) const {
    std::string body = "token=" + percent_encoded(token_);
    for (const auto& [name, value] : form) {
      body += fmt::format("&{}={}", name, percent_encoded(value));
    }
    HttpAnswer answer = TRY(ask_http(server_,
                                     {.method = "POST",
                                      .target = target,
                                      .content_type = "application/x-www-form-urlencoded",
                                      .body = std::move(body)},
                                     limit_));
    if (answer.status != 200) {
      return fail(Errc::kUnavailable, "Technitium answers {} with HTTP status {}", target,
                  answer.status);
    }
    return std::move(answer.body);
  }

  [[nodiscard]] Result<json::value> ask_json(const std::string& target, const Form& form) const {
    const std::string body = TRY(ask(target, form));
    json::value answer = TRY(parse_json(body));
    TRYV(check(answer));
    return answer;
  }

  static Status check(const json::value& answer) {
    const std::string status = text_of(answer, "status");
    if (status == "ok") {
      return {};
    }
    if (status == "invalid-token" || status == "2fa-required") {
      return fail(Errc::kRefused, "Technitium does not take the token ({})", status);
    }
    return fail(Errc::kUnavailable, "Technitium: {}", safe_text(text_of(answer, "errorMessage")));
  }

  /// An exported zone file. What went wrong comes as JSON instead.
  [[nodiscard]] Result<std::string> zone_file(std::string_view zone) const {
    std::string text = TRY(ask("/api/zones/export", {{"zone", zone}}));
    if (text.starts_with('{')) {
      const json::value answer = TRY(parse_json(text));
      TRYV(check(answer));
    }
    return text;
  }

 private:
  const HttpServer& server_;
  const std::string& token_;
  std::chrono::seconds limit_;
};

/// Why a zone stays; empty: it comes. `is_named`: by --zone.
std::string why_zone_stays(const json::value& zone, bool is_named) {
  const std::string type = text_of(zone, "type");
  if (is_true(zone, "internal")) {
    return "a zone of Technitium's own";
  }
  if (type == "Secondary" && !is_named) {
    return "a secondary zone: take it from its primary by --from-axfr; --zone takes it anyway";
  }
  if (type != "Primary" && type != "Secondary") {
    return "of type " + safe_text(type) + ", which no other server answers";
  }
  return is_true(zone, "disabled") && !is_named ? "disabled there; --zone takes it" : "";
}

MovedZone moved_zone(const Technitium& api, const std::string& name, const Name& zone,
                     const HttpServer& server, Signatures signatures) {
  MovedZoneBuilder builder(zone, "Technitium at " + server.at.host, signatures);
  const auto text = api.zone_file(name);
  const auto records = api.ask_json("/api/zones/records/get",
                                    {{"domain", name}, {"zone", name}, {"listZone", "true"}});
  if (text && records) {
    read_technitium_zone(*text, *records, builder);
  } else {
    builder.problem(text ? records.error().detail : text.error().detail);
  }
  return builder.finish();
}

}  // namespace

Result<Migration> migrate_from_technitium(const HttpServer& server, const std::string& token,
                                          const MoveChoice& choice,
                                          std::chrono::seconds step_limit) {
  const Technitium api(server, token, step_limit);
  const json::value listed = TRY(api.ask_json("/api/zones/list", {}));
  Migration migration;
  const json::value& response = member(listed, "response");
  for (const json::value& zone : list_of(response, "zones")) {
    const std::string text = text_of(zone, "name");
    const auto name = text.empty() ? Result<Name>(Name()) : Name::from_text(text);
    if (!name) {
      migration.left_out.push_back({safe_text(text), "no name of a zone"});
    } else if (!choice.wants(*name)) {
      continue;
    } else if (std::string why = why_zone_stays(zone, choice.names(*name)); !why.empty()) {
      migration.left_out.push_back({name->to_text(), std::move(why)});
    } else {
      migration.zones.push_back(moved_zone(api, text, *name, server, choice.signatures));
    }
  }
  migration.left_out.push_back({"options of zones, TSIG keys, users, apps",
                                "not part of a zone; keys are taken by tandemctl key import"});
  tell_of_missing(choice, migration);
  return migration;
}

}  // namespace tandem
