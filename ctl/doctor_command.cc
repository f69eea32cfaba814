// `tandemctl doctor ZONE`: is the zone delegated as it should be, and does every server answer?
#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "ctl/commands.h"
#include "ctl/doctor_lines.h"
#include "ctl/doctor_questions.h"
#include "ctl/doctor_start.h"
#include "ctl/file_text.h"
#include "ctl/json_view.h"
#include "ctl/session.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::string_view kResolvConf = "/etc/resolv.conf";
constexpr std::uintmax_t kMostResolvConf = 64 * 1024;

Result<HostPort> place_from_text(std::string_view text) {
  HostPort place = TRY(host_port_from_text(text, kDnsPort));
  if (!is_address(place)) {
    return fail(Errc::kInvalid, "expected ADDRESS or ADDRESS:PORT, got \"{}\"", text);
  }
  return place;
}

/// Of the words of the command line alone. Fails: kInvalid.
Result<DoctorPlaces> places_from(const Arguments& arguments) {
  DoctorPlaces out;
  for (const std::string& text : arguments.parents) {
    out.parents.push_back(TRY(place_from_text(text)));
  }
  for (const std::string& text : arguments.servers) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return fail(Errc::kInvalid, "expected NAME=ADDRESS[:PORT], got \"{}\"", text);
    }
    const Name name = TRY(Name::from_text(text.substr(0, equals)));
    out.servers[name].push_back(TRY(place_from_text(std::string_view(text).substr(equals + 1))));
  }
  if (!arguments.resolver.empty()) {
    out.resolvers.push_back(TRY(place_from_text(arguments.resolver)));
  }
  return out;
}

/// What the node has of the zone. Fails: as Session; kNotFound without such a zone, or content.
Result<NodeFacts> ask_this_node(const Arguments& arguments, const Name& zone) {
  const Session session = TRY(Session::open(arguments));
  const std::string name = zone.to_text();
  const json::value shown_zone = TRY(session.ask_json({.target = api_target({"zones", name})}));
  if (text_of(shown_zone, "serial").empty()) {
    return fail(Errc::kNotFound, "this node has no content of the zone yet");
  }
  const json::value records = TRY(session.ask_json(
      {.target = api_target({"zones", name, "records"}, {{"name", name}, {"type", "NS"}})}));
  NodeFacts out;
  out.serial = static_cast<Serial>(number_of(shown_zone, "serial"));
  for (const json::value& set : list_of(records, "rrsets")) {
    for (const json::value& data : list_of(set, "data")) {
      if (const auto* const text = data.if_string()) {
        out.ns.push_back(TRY(Name::from_text(*text)));
      }
    }
  }
  tidy(out.ns);
  return out;
}

}  // namespace

CommandResult doctor(const Arguments& arguments) {
  const Name zone = TRY(Name::from_text(arguments.zone));
  auto places = places_from(arguments);
  if (!places) {
    return usage_error(arguments, "doctor", places.error().detail);
  }
  if (places->resolvers.empty()) {
    if (const auto text = read_file_text(kResolvConf, kMostResolvConf)) {
      places->resolvers = resolvers_of(*text);
    }
  }
  std::optional<NodeFacts> node;
  std::string without_node;
  if (!arguments.is_without_node) {
    if (auto asked = ask_this_node(arguments, zone)) {
      node = *std::move(asked);
    } else {
      without_node = asked.error().detail;
    }
  }
  DoctorFacts facts = TRY(ask_for_doctor(zone, *places, std::move(node), ProbeLimits()));
  facts.without_node = without_node;
  for (const auto& [name, ignored] : places->servers) {
    if (std::ranges::find(facts.servers, name, &ServerFacts::name) == facts.servers.end()) {
      print_warning("--server of " + name.to_text() + " is not used: nobody names that server");
    }
  }
  const std::vector<Finding> findings = doctor_findings(facts);
  if (arguments.json) {
    print_json(json::serialize(doctor_json(facts, findings)));
  } else {
    print(doctor_text(facts, findings));
  }
  return is_healthy(findings) ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace tandem
