#include "common/api/api.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "common/api/json.h"
#include "common/api/log_waiters.h"
#include "common/api/route.h"
#include "common/node/strand.h"

namespace tandem {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kMaxWaitSeconds = 60;

/// A page from elsewhere that got its name to resolve to a loopback address asks under that name:
/// what this node knows is not for it.
bool is_loopback_host(std::string_view host) {
  if (const std::size_t colon = host.rfind(':');
      colon != std::string_view::npos && !host.ends_with(']')) {
    host = host.substr(0, colon);
  }
  const auto is_of_address = [](char c) { return c == '.' || (c >= '0' && c <= '9'); };
  return host.empty() || host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") && std::ranges::all_of(host, is_of_address));
}

HttpResponse to_response(Result<HttpResponse> result) {
  return result ? *std::move(result) : error_response(result.error());
}

}  // namespace

bool is_read(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

HttpResponse not_found(const HttpRequest& request) {
  return error_response({Errc::kNotFound, fmt::format("there is nothing at {}", request.path)});
}

HttpResponse method_not_allowed(const HttpRequest& request) {
  return json_response(
      405,
      json::object{{"error", json::object{{"code", "invalid"},
                                          {"text", fmt::format("{} is not possible at {}",
                                                               request.method, request.path)}}}});
}

class Api::Impl {
 public:
  explicit Impl(ApiServices services) : services_(std::move(services)), waiters_(services_) {}

  void on_commit() { waiters_.on_commit(); }

  void stop() {
    waiters_.stop();
    reader_.stop();
  }

  /// Takes what may read much: the log of a zone, old contents. One at a time.
  [[nodiscard]] Worker& reader() noexcept { return reader_; }

  void route_log(HttpRequest request, HttpRespond respond) {
    if (!is_read(request)) {
      respond(method_not_allowed(request));
      return;
    }
    const auto wait = number_parameter(request, "wait", 0);
    if (!wait) {
      respond(error_response(wait.error()));
      return;
    }
    waiters_.wait(std::move(request), std::move(respond),
                  std::chrono::seconds(std::min(*wait, kMaxWaitSeconds)));
  }

  [[nodiscard]] const ApiServices& services() const noexcept { return services_; }

 private:
  const ApiServices services_;
  LogWaiters waiters_;
  Worker reader_;
};

namespace {

using Change = Status (*)(const ApiServices& services, const HttpRequest& request,
                          std::string_view zone, const HttpRespond& respond);
using Read = Result<HttpResponse> (*)(const ApiServices& services, const HttpRequest& request,
                                      std::string_view zone);

/// Answers from the reader's thread.
void read_later(const ApiServices& services, Worker& reader, const HttpRequest& request,
                const std::string& zone, const HttpRespond& respond, Read read) {
  reader.post([&services, request, zone, respond, read] {
    respond(to_response(read(services, request, zone)));
  });
}

void change_later(const ApiServices& services, Worker& reader, const HttpRequest& request,
                  const std::string& zone, const HttpRespond& respond, Change change) {
  reader.post([&services, request, zone, respond, change] {
    if (const Status begun = change(services, request, zone, respond); !begun) {
      respond(error_response(begun.error()));
    }
  });
}

/// Whether what is asked for is the text that a zone had once.
bool is_of_past(const HttpRequest& request, const std::string& what) {
  return what == "export" && (request.parameter("serial") || request.parameter("entry"));
}

/// Routes of what a zone was; true when the request was taken care of.
bool route_history(const ApiServices& services, Worker& reader, const HttpRequest& request,
                   const std::vector<std::string>& path, const HttpRespond& respond) {
  const std::string& what = path[2];
  const Read read = what == "history"           ? read_zone_history
                    : what == "diff"            ? read_zone_diff
                    : is_of_past(request, what) ? read_old_export
                                                : Read{nullptr};
  const Change change = what == "revert"    ? revert_zone
                        : what == "restore" ? restore_zone
                                            : Change{nullptr};
  if (read == nullptr && change == nullptr) {
    return false;
  }
  if (read != nullptr ? !is_read(request) : request.method != "POST") {
    respond(method_not_allowed(request));
  } else if (read != nullptr) {
    read_later(services, reader, request, path[1], respond, read);
  } else {
    change_later(services, reader, request, path[1], respond, change);
  }
  return true;
}

/// Routes below /zones; true when the request was taken care of.
bool route_zone(const ApiServices& services, HttpRequest& request,
                const std::vector<std::string>& path, const HttpRespond& respond) {
  const std::string& method = request.method;
  const bool reads = is_read(request);
  const std::string& zone = path[1];
  if (path.size() == 2) {
    if (reads) {
      const auto found = find_zone(services, zone);
      respond(found ? json_response(200, zone_json(services, *found->record, found->log->id()))
                    : error_response(found.error()));
    } else if (method == "PATCH") {
      change_zone_options(services, request, zone, respond);
    } else if (method == "DELETE") {
      delete_zone(services, request, zone, respond);
    } else {
      respond(method_not_allowed(request));
    }
    return true;
  }
  const std::string& what = path[2];
  if (what == "source") {
    route_source(services, request, zone, respond);
    return true;
  }
  if (what == "import" || (what == "records" && method == "POST")) {
    if (method != "POST") {
      respond(method_not_allowed(request));
    } else if (what == "import") {
      import_zone(services, request, zone, respond);
    } else {
      change_records(services, request, zone, respond);
    }
    return true;
  }
  const bool known = what == "records" || what == "export" || what == "digest";
  if (known && !reads) {
    respond(method_not_allowed(request));
    return true;
  }
  if (what == "records") {
    respond(to_response(read_zone_records(services, request, zone)));
  } else if (what == "export") {
    respond(to_response(read_zone_export(services, zone)));
  } else if (what == "digest") {
    respond(to_response(read_zone_digest(services, zone)));
  }
  return known;
}

HttpResponse list_zones(const ApiServices& services) {
  return json_response(200, json::object{{"zones", zones_json(services)}});
}

void route_zones(const ApiServices& services, Worker& reader, const HttpRequest& request,
                 const HttpRespond& respond) {
  if (is_read(request) && flag_parameter(request, "deleted")) {
    reader.post([&services, respond] { respond(to_response(read_deleted_zones(services))); });
  } else if (is_read(request)) {
    respond(list_zones(services));
  } else if (request.method == "POST") {
    create_zone(services, request, respond);
  } else {
    respond(method_not_allowed(request));
  }
}

/// /keys, and /keys/{key}.
void route_keys(const ApiServices& services, const HttpRequest& request,
                const std::vector<std::string>& path, const HttpRespond& respond) {
  const bool is_one = path.size() == 2;
  if (is_read(request)) {
    respond(is_one ? to_response(read_key(services, request, path[1])) : list_keys(services));
  } else if (!is_one && request.method == "POST") {
    add_keys(services, request, respond);
  } else if (is_one && request.method == "DELETE") {
    delete_key(services, request, path[1], respond);
  } else {
    respond(method_not_allowed(request));
  }
}

/// /addresses, /addresses/{address}, and /addresses/{address}/bind.
void route_addresses(const ApiServices& services, const HttpRequest& request,
                     const std::vector<std::string>& path, const HttpRespond& respond) {
  const std::string& method = request.method;
  if (path.size() == 3 && path[2] != "bind") {
    respond(not_found(request));
  } else if (path.size() == 1 && is_read(request)) {
    respond(list_addresses(services));
  } else if (path.size() == 2 && method == "PUT") {
    set_address(services, request, path[1], respond);
  } else if (path.size() == 2 && method == "DELETE") {
    remove_address(services, request, path[1], respond);
  } else if (path.size() == 3 && method == "POST") {
    bind_address(services, request, path[1], respond);
  } else {
    respond(method_not_allowed(request));
  }
}

/// /zones/{zone}/policy/test.
HttpResponse route_policy_test(const ApiServices& services, const HttpRequest& request,
                               const std::vector<std::string>& path) {
  if (path[3] != "test") {
    return not_found(request);
  }
  return request.method == "POST" ? to_response(test_policy(services, request, path[1]))
                                  : method_not_allowed(request);
}

/// /zones/{zone}/policy, and what is below it.
void route_policy(const ApiServices& services, const HttpRequest& request,
                  const std::vector<std::string>& path, const HttpRespond& respond) {
  const std::string& zone = path[1];
  if (path.size() == 4) {
    respond(route_policy_test(services, request, path));
  } else if (is_read(request)) {
    respond(to_response(read_policy(services, zone)));
  } else if (request.method == "POST") {
    add_rules(services, request, zone, respond);
  } else if (request.method == "DELETE") {
    remove_rule(services, request, zone, respond);
  } else {
    respond(method_not_allowed(request));
  }
}

/// /zones, and all that is below it.
void route_all_zones(const ApiServices& services, Worker& reader, HttpRequest& request,
                     const std::vector<std::string>& path, const HttpRespond& respond) {
  if (path.size() == 1) {
    route_zones(services, reader, request, respond);
  } else if (path.size() <= 4 && path.size() >= 3 && path[2] == "policy") {
    route_policy(services, request, path, respond);
  } else if (path.size() <= 4 && path.size() >= 3 && path[2] == "catalog") {
    route_member(services, request, path, respond);
  } else if (path.size() > 3) {
    respond(not_found(request));
  } else if (path.size() == 2 || !route_history(services, reader, request, path, respond)) {
    if (!route_zone(services, request, path, respond)) {
      respond(not_found(request));
    }
  }
}

/// What is served over TCP, to anybody on this machine: it says how the node is, not who changed
/// what.
bool is_for_monitors(const HttpRequest& request) {
  return is_read(request) &&
         (request.path == "/metrics" || request.path == "/api/tandem/v1/status");
}

/// Why this connection may not ask that; nothing when it may.
std::optional<Error> objection_to(const HttpRequest& request) {
  if (request.peer.is_local_socket) {
    return std::nullopt;
  }
  if (!is_loopback_host(request.header("host"))) {
    return Error{Errc::kRefused,
                 "asked for by a name that is not this machine's own: "
                 "use localhost, 127.0.0.1 or [::1]"};
  }
  if (!is_for_monitors(request)) {
    return Error{Errc::kRefused,
                 "only /metrics and /api/tandem/v1/status are read here; all else is on "
                 "the unix socket in the data folder"};
  }
  return std::nullopt;
}

/// What a cluster has beside zones. False: the path is none of these.
bool route_settings(const ApiServices& services, const HttpRequest& request,
                    const std::vector<std::string>& path, const HttpRespond& respond) {
  const std::string& first = path.front();
  if (first == "keys" && path.size() <= 2) {
    route_keys(services, request, path, respond);
  } else if (first == "addresses" && path.size() <= 3) {
    route_addresses(services, request, path, respond);
  } else if (first == "secondaries" && path.size() <= 3) {
    route_secondaries(services, request, path, respond);
  } else if (first == "failover" && (path.size() == 1 || path.size() == 4)) {
    route_failover(services, request, path, respond);
  } else if (first == "xfr" && path.size() <= 2) {
    route_xfr(services, request, path, respond);
  } else {
    return false;
  }
  return true;
}

}  // namespace

Api::Api(ApiServices services) : impl_(std::make_shared<Impl>(std::move(services))) {}

Api::~Api() {
  stop();
}

void Api::on_commit() {
  impl_->on_commit();
}

void Api::stop() {
  impl_->stop();
}

void Api::handle(HttpRequest request, HttpRespond respond) {
  const ApiServices& services = impl_->services();
  const bool reads = is_read(request);
  if (const auto objection = objection_to(request); objection) {
    respond(error_response(*objection));
    return;
  }
  if (request.path == "/metrics") {
    respond(reads ? read_metrics(services) : method_not_allowed(request));
    return;
  }
  const auto path = path_segments(request.path);
  if (!path || path->empty()) {
    respond(not_found(request));
    return;
  }
  const std::string& first = path->front();
  if (route_settings(services, request, *path, respond)) {
    return;
  }
  if (first == "zones") {
    route_all_zones(services, impl_->reader(), request, *path, respond);
  } else if (first == "cluster" && path->size() <= 3) {
    impl_->reader().post([&services, request, path = *path, respond] {
      route_cluster(services, request, path, respond);
    });
  } else if (first == "catalogs") {
    impl_->reader().post([&services, request, path = *path, respond] {
      route_catalogs(services, request, path, respond);
    });
  } else if (first == "policy" && path->size() == 1) {
    respond(reads ? list_policies(services) : method_not_allowed(request));
  } else if (first == "status" && path->size() == 1) {
    respond(reads ? json_response(200, status_json(services)) : method_not_allowed(request));
  } else if (first == "log" && path->size() == 1) {
    impl_->route_log(std::move(request), std::move(respond));
  } else if (first == "link") {
    route_link(services, request, *path, respond);
  } else if (first == "promote" && path->size() == 1) {
    route_promote(services, request, respond);
  } else if (first == "tell" && path->size() == 2 && path->back() == "test") {
    route_tell_test(services, request, respond);
  } else if (first == "orphans" && path->size() <= 2) {
    impl_->reader().post([&services, request, path = *path, respond] {
      route_orphans(services, request, path, respond);
    });
  } else {
    respond(not_found(request));
  }
}

}  // namespace tandem
