// Who leads: /promote, /link.
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/request_body.h"
#include "common/api/route.h"

namespace tandem {
namespace {

namespace json = boost::json;

json::object promotion_json(const PromotionView& view, bool is_done) {
  json::object out{{"done", is_done},
                   {"role", to_text(is_done ? Role::kLeader : view.role)},
                   {"epoch", view.next_epoch.number},
                   {"position", position_json(view.here)},
                   {"missing", known_missing(view)},
                   {"doubtful", view.is_doubtful},
                   {"filling", view.is_filling},
                   {"obstacle", view.obstacle}};
  if (view.leader) {
    out["leader"] = json::object{{"node", view.leader->node.to_text()},
                                 {"connected", view.leader->connected},
                                 {"last_contact", to_text(view.leader->last_contact)},
                                 {"position", position_json(view.leader->position)}};
  }
  return out;
}

Result<PromotionWish> read_wish(const HttpRequest& request) {
  const json::object body = TRY(parse_object(request));
  TRYV(check_members(body, {"planned", "force", "dry_run"}));
  PromotionWish wish;
  wish.planned = TRY(bool_member(body, "planned")).value_or(false);
  wish.force = TRY(bool_member(body, "force")).value_or(false);
  wish.dry_run = TRY(bool_member(body, "dry_run")).value_or(false);
  return wish;
}

HttpResponse keep_history(const ApiServices& services, const HttpRequest& request) {
  const auto body = parse_object(request);
  const bool is_known = body && check_members(*body, {"keep"});
  const std::string keep = is_known ? text_member(*body, "keep", "").value_or("") : "";
  if (keep != "this" && keep != "peer") {
    return error_response({Errc::kInvalid, "expected {\"keep\":\"this\"} or {\"keep\":\"peer\"}"});
  }
  const Status kept = services.keep_history(keep);
  return kept ? json_response(200, json::object{{"done", true}}) : error_response(kept.error());
}

}  // namespace

void route_promote(const ApiServices& services, const HttpRequest& request,
                   const HttpRespond& respond) {
  if (request.method != "POST" || !services.promote) {
    respond(method_not_allowed(request));
    return;
  }
  const Result<PromotionWish> wish = read_wish(request);
  if (!wish) {
    respond(error_response(wish.error()));
    return;
  }
  services.promote(*wish, [respond, is_done = !wish->dry_run](const Result<PromotionView>& view) {
    respond(view ? json_response(200, promotion_json(*view, is_done))
                 : error_response(view.error()));
  });
}

void route_link(const ApiServices& services, const HttpRequest& request,
                const std::vector<std::string>& path, const HttpRespond& respond) {
  if (path.size() != 2 || path.back() != "keep") {
    respond(not_found(request));
  } else if (request.method != "POST") {
    respond(method_not_allowed(request));
  } else {
    respond(keep_history(services, request));
  }
}

}  // namespace tandem
