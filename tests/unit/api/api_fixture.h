// A node with its writer and its API, in a folder of its own; its DNS ports are the kernel's
// choice. What is asked goes through Api::handle without a socket.
#pragma once

#include <filesystem>
#include <fstream>
#include <future>
#include <unistd.h>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "common/api/api.h"
#include "common/node/plans.h"
#include "common/node/zone_files.h"
#include "primary/writer.h"
#include "tests/support/zone_text.h"
#include "tests/unit/node/fake_servers.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {

namespace fs = std::filesystem;
namespace json = boost::json;

inline constexpr std::string_view kBase = "/api/tandem/v1";

struct Answer {
  unsigned status = 0;
  std::string text;
  json::value body;

  [[nodiscard]] std::string code() const {
    const auto* const error = body.is_object() ? body.as_object().if_contains("error") : nullptr;
    return error != nullptr ? std::string(error->at("code").as_string()) : "";
  }
};

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    std::string pattern = (fs::temp_directory_path() / "tandem-api-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    start(Role::kLeader);
  }

  ~ApiTest() override {
    stop();
    fs::remove_all(folder_);
  }

  void start(Role role) {
    Config config;
    config.data = folder_ / (role == Role::kLeader ? "leader" : "follower");
    config.listen = {*SocketAddress::from_text("127.0.0.1:0")};
    config.threads = 1;
    config.zones = files_;
    config.update_rules = rules_;
    auto opened = Node::open(config, role, clock_);
    ASSERT_TRUE(opened) << opened.error().detail;
    node_ = *std::move(opened);
    hub_ = std::make_unique<LinkHub>(LinkHub::Options{.self = node_->id(),
                                                      .hello = [] { return HelloFrame{}; },
                                                      .position = [] { return Position{}; }},
                                     clock_);
    ReplicatedLog& log = role == Role::kLeader ? node_->cluster_log() : node_->local_log();
    writer_ = std::make_unique<Writer>(log, node_->sealer(), node_->id());
    ASSERT_TRUE(writer_->bootstrap(node_->cluster_id()));
    writer_->start();
    Notifier::Options options;
    options.pace = Worker::Pace::kSteps;
    notifier_ =
        std::make_unique<Notifier>(Notifier::Services{node_->cluster_log(), node_->local_log(),
                                                      node_->keys(), clock_, servers_.ask()},
                                   options);
    notifier_->start();
    enrolment_ =
        std::make_unique<Enrolment>(Enrolment::Options{.folder = config.data,
                                                       .key = node_->key(),
                                                       .configured = {},
                                                       .tell_all = [](const Frame&) {},
                                                       .on_keys = [] {},
                                                       .on_change = [](std::optional<NodeId>) {}},
                                    node_->members(), node_->sealer(), clock_);
    failover_ = std::make_unique<FailoverWatch>(
        FailoverWatch::Services{
            .table = node_->cluster_log().table(),
            .publisher = node_->publisher(),
            .clock = clock_,
            .probe = [](const HealthTarget&, std::chrono::milliseconds, HealthProber::Outcome) {},
            .role = [role] { return role; },
            .peers = [this] { return hub_->peers(); },
            .tell = [] {}},
        node_->id());
    ApiServices services;
    services.failover = failover_.get();
    services.program = "test";
    services.version = "1.2.3";
    services.node = node_.get();
    services.cluster_sink = role == Role::kLeader ? writer_.get() : nullptr;
    services.local_sink = role == Role::kLeader ? nullptr : writer_.get();
    services.hub = hub_.get();
    services.enrolment = enrolment_.get();
    services.notifier = notifier_.get();
    teller_ = std::make_unique<Teller>(std::vector<TellPlace>(), clock_);
    watch_ = std::make_unique<NodeWatch>(*node_, *hub_, *teller_);
    services.teller = teller_.get();
    services.watch = watch_.get();
    services.ask_server = servers_.ask();
    services.read_only_reason = [this] { return writer_->read_only_reason(); };
    services.link_listening = [] { return std::vector<std::string>(); };
    services.link_dialling = [] { return std::vector<DialState>(); };
    services.keep_history = [this](std::string_view keep) -> Status {
      kept_ = keep;
      return keep == "peer" ? fail(Errc::kConflict, "nothing to choose") : Status{};
    };
    services.apply_orphan = [this](OrphanWish wish, OrphanDone done) {
      apply_orphan(*writer_, std::move(wish), std::move(done));
    };
    services.role_metrics = [] {
      return std::vector<ApiServices::Metric>{{"tests_total", "Tests.", 3, true}};
    };
    api_ = std::make_unique<Api>(std::move(services));
  }

  void stop() {
    api_.reset();
    writer_.reset();
    notifier_.reset();
    servers_.asked.clear();
    watch_.reset();
    teller_.reset();
    enrolment_.reset();
    failover_.reset();
    hub_.reset();
    node_.reset();
  }

  /// Asks on the unix socket, or over TCP.
  enum class Door : std::uint8_t { kSocket, kTcp };

  Answer ask(HttpRequest request, Door door = Door::kSocket) {
    request.peer.is_local_socket = door == Door::kSocket;
    auto promise = std::make_shared<std::promise<HttpResponse>>();
    auto future = promise->get_future();
    api_->handle(std::move(request),
                 [promise](HttpResponse response) { promise->set_value(std::move(response)); });
    const HttpResponse response = future.get();
    Answer answer{response.status, response.body, nullptr};
    if (response.content_type == "application/json") {
      answer.body = json::parse(response.body);
    }
    return answer;
  }

  static HttpRequest request(std::string method, std::string_view path, std::string body = "") {
    HttpRequest out;
    out.method = std::move(method);
    const std::size_t mark = path.find('?');
    out.path =
        std::string(path.starts_with("/metrics") ? "" : kBase) + std::string(path.substr(0, mark));
    while (mark != std::string_view::npos && !path.empty()) {
      path.remove_prefix(std::min(path.size(), path.find_first_of("?&") + 1));
      const std::string_view pair = path.substr(0, path.find('&'));
      out.query.emplace_back(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
      if (path.find('&') == std::string_view::npos) {
        break;
      }
    }
    out.body = std::move(body);
    return out;
  }

  Answer get(std::string_view path) { return ask(request("GET", path)); }

  Answer post(std::string_view path, std::string body) {
    return ask(request("POST", path, std::move(body)));
  }

  void create() {
    const Answer made =
        post("/zones", R"({"name":"example","text":"$TTL 60\n@ SOA ns1 h 5 1 1 1 1\n@ NS ns1\n)"
                       R"(ns1 A 192.0.2.1\nwww 600 A 192.0.2.2\n"})");
    ASSERT_EQ(made.status, 201U) << made.text;
  }

  const SystemClock clock_;
  fs::path folder_;
  std::vector<ZoneFile> files_;
  std::vector<UpdateRule> rules_;
  std::string kept_;
  std::unique_ptr<Node> node_;
  std::unique_ptr<LinkHub> hub_;
  std::unique_ptr<Enrolment> enrolment_;
  std::unique_ptr<FailoverWatch> failover_;
  FakeServers servers_;
  std::unique_ptr<Notifier> notifier_;
  std::unique_ptr<Teller> teller_;
  std::unique_ptr<NodeWatch> watch_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Api> api_;
};

}  // namespace tandem::test
