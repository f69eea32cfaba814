// Entries that this node had and the cluster's history has not: /orphans, and what becomes of them.
#include <algorithm>
#include <future>
#include <ranges>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"
#include "common/api/submit.h"
#include "common/node/orphan_verdict.h"
#include "common/node/orphans.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostOrphans = 1000;
// The leader answers at once or its link is found dead before that.
constexpr std::chrono::seconds kPatience{30};

json::object orphan_json(const Orphan& orphan, ZoneNames& names) {
  json::object out = entry_json(orphan.entry, names);
  out["id"] = orphan.id();
  out["state"] = to_text(orphan.state);
  out["ended"] = orphan.state == OrphanState::kOpen ? "" : to_text(orphan.ended);
  return out;
}

Result<std::vector<Orphan>> all_orphans(const ApiServices& services) {
  return read_orphans(services.node->store(), LogId::kCluster);
}

Result<HttpResponse> list_orphans(const ApiServices& services) {
  std::vector<Orphan> orphans = TRY(all_orphans(services));
  const std::size_t count = orphans.size();
  if (count > kMostOrphans) {  // what was decided makes room
    std::erase_if(orphans, [](const Orphan& each) { return each.state != OrphanState::kOpen; });
  }
  ZoneNames names(services);
  json::array entries;
  for (const Orphan& orphan : orphans | std::views::take(kMostOrphans)) {
    entries.push_back(orphan_json(orphan, names));
  }
  const std::size_t open = TRY(count_open_orphans(services.node->store(), LogId::kCluster));
  return json_response(
      200, json::object{{"orphans", std::move(entries)}, {"count", count}, {"open", open}});
}

/// Those that are named, in the order of the log; all open ones where none is. Fails: kNotFound.
Result<std::vector<Orphan>> chosen(const ApiServices& services,
                                   const std::vector<std::string>& ids) {
  std::vector<Orphan> orphans = TRY(all_orphans(services));
  for (const std::string& id : ids) {
    if (std::ranges::none_of(orphans, [&](const Orphan& each) { return each.id() == id; })) {
      return fail(Errc::kNotFound, "this node has no orphan {}", id);
    }
  }
  std::erase_if(orphans, [&](const Orphan& each) {
    return ids.empty() ? each.state != OrphanState::kOpen
                       : std::ranges::find(ids, each.id()) == ids.end();
  });
  return orphans;
}

json::array texts_json(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::object part_json(const OrphanPart& part) {
  return {{"zone", part.zone},
          {"what", part.what},
          {"verdict", to_text(part.verdict)},
          {"removed", texts_json(part.removed)},
          {"added", texts_json(part.added)},
          {"now", texts_json(part.now)},
          {"reason", part.reason}};
}

std::vector<std::string> ids_of(const HttpRequest& request) {
  std::vector<std::string> ids;
  for (const auto& id : std::views::split(request.parameter("ids").value_or(""), ',')) {
    if (!id.empty()) {
      ids.emplace_back(id.begin(), id.end());
    }
  }
  return ids;
}

/// Against this node's copy of the zones; each as if those before it were made.
Result<HttpResponse> diff_orphans(const ApiServices& services, const HttpRequest& request) {
  const std::vector<Orphan> orphans = TRY(chosen(services, ids_of(request)));
  const TableDraft zones = services.node->cluster_log().draft();
  ZoneNames names(services);
  OrphanOutlook outlook;
  json::array entries;
  for (const Orphan& orphan : orphans | std::views::take(kMostOrphans)) {
    const OrphanView view = judge_orphan(orphan, zones, outlook);
    outlook.add(view);
    json::object out = orphan_json(orphan, names);
    out["verdict"] = to_text(view.verdict);
    json::array parts;
    for (const OrphanPart& part : view.parts) {
      parts.push_back(part_json(part));
    }
    out["parts"] = std::move(parts);
    entries.push_back(std::move(out));
  }
  return json_response(200,
                       json::object{{"orphans", std::move(entries)}, {"count", orphans.size()}});
}

struct Choice {
  std::vector<Orphan> orphans;
  bool force = false;
};

/// `{"ids":[...]}` or `{"all":true}`: what is to be decided is named.
Result<Choice> read_choice(const ApiServices& services, const HttpRequest& request) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"ids", "all", "force"}));
  const std::vector<std::string> ids = TRY(text_list(body, "ids"));
  const bool all = TRY(bool_member(body, "all")).value_or(false);
  if (ids.empty() != all) {
    return fail(Errc::kInvalid, "orphans are named in \"ids\", or all open ones by \"all\"");
  }
  Choice choice;
  choice.force = TRY(bool_member(body, "force")).value_or(false);
  choice.orphans = TRY(chosen(services, ids));
  return choice;
}

Result<OrphanMade> apply_and_wait(const ApiServices& services, OrphanWish wish) {
  const auto outcome = std::make_shared<std::promise<Result<OrphanMade>>>();
  auto made = outcome->get_future();
  services.apply_orphan(std::move(wish), [outcome](Result<OrphanMade> result) {
    outcome->set_value(std::move(result));
  });
  if (made.wait_for(kPatience) != std::future_status::ready) {
    return fail(Errc::kUnavailable, "the leader does not answer: ask again");
  }
  return made.get();
}

Status end(const ApiServices& services, const Orphan& orphan, OrphanState state) {
  return end_orphan(services.node->store(), LogId::kCluster, orphan.entry, state,
                    services.node->clock().wall());
}

json::object applied_json(const Orphan& orphan, const Result<OrphanMade>& made) {
  return {{"id", orphan.id()},
          {"state", to_text(made ? OrphanState::kApplied : orphan.state)},
          {"changed", made && made->changed},
          {"sequence", made ? json::value(made->sequence) : json::value(nullptr)},
          {"refusal", made ? "" : made.error().detail}};
}

/// One after the other: each has to see what those before it made. What is refused stays as it is.
Result<HttpResponse> apply_orphans(const ApiServices& services, const HttpRequest& request) {
  const Caller caller = TRY(caller_of(request));
  const Choice choice = TRY(read_choice(services, request));
  if (!services.apply_orphan) {
    return fail(Errc::kUnavailable, "this node has no role at the moment: see its log");
  }
  json::array results;
  for (const Orphan& orphan : choice.orphans) {
    if (orphan.state == OrphanState::kApplied) {
      results.push_back(applied_json(orphan, OrphanMade{}));
      continue;
    }
    const Result<OrphanMade> made = apply_and_wait(
        services, {orphan, choice.force ? OnConflict::kForce : OnConflict::kRefuse, caller.actor});
    if (!made && made.error().code == Errc::kUnavailable) {
      return std::unexpected(made.error());  // the next ones would fare no better
    }
    if (made) {
      TRYV(end(services, orphan, OrphanState::kApplied));
    }
    results.push_back(applied_json(orphan, made));
  }
  const std::size_t open = TRY(count_open_orphans(services.node->store(), LogId::kCluster));
  return json_response(200, json::object{{"results", std::move(results)}, {"open", open}});
}

/// What was applied stays applied.
Result<HttpResponse> discard_orphans(const ApiServices& services, const HttpRequest& request) {
  Choice choice = TRY(read_choice(services, request));
  ZoneNames names(services);
  json::array discarded;
  for (Orphan& orphan : choice.orphans) {
    if (orphan.state == OrphanState::kOpen) {
      TRYV(end(services, orphan, OrphanState::kDiscarded));
      orphan.state = OrphanState::kDiscarded;
      orphan.ended = services.node->clock().wall();
      discarded.push_back(orphan_json(orphan, names));
    }
  }
  const std::size_t open = TRY(count_open_orphans(services.node->store(), LogId::kCluster));
  return json_response(200, json::object{{"discarded", std::move(discarded)}, {"open", open}});
}

}  // namespace

void route_orphans(const ApiServices& services, const HttpRequest& request,
                   const std::vector<std::string>& path, const HttpRespond& respond) {
  const std::string_view what = path.size() == 2 ? std::string_view(path[1]) : "";
  const bool reads = what.empty() || what == "diff";
  if (!reads && what != "apply" && what != "discard") {
    respond(not_found(request));
    return;
  }
  if (reads ? !is_read(request) : request.method != "POST") {
    respond(method_not_allowed(request));
    return;
  }
  const Result<HttpResponse> done = what.empty()      ? list_orphans(services)
                                    : what == "diff"  ? diff_orphans(services, request)
                                    : what == "apply" ? apply_orphans(services, request)
                                                      : discard_orphans(services, request);
  respond(done ? *done : error_response(done.error()));
}

}  // namespace tandem
