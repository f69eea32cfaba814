// Everything at once, for ThreadSanitizer above all: a leader and a follower that are asked over
// UDP and TCP, while zones are changed, replaced, made and deleted, images made and the log
// trimmed, and while both are started and stopped again and again. TANDEM_STORM_SECONDS says for
// how long.
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "common/base/logging.h"
#include "common/net/listen.h"
#include "common/net/tcp_server.h"
#include "common/net/udp_worker.h"
#include "common/node/keeper.h"
#include "common/node/request_desk.h"
#include "tests/support/zone_text.h"
#include "tests/unit/program/storm_clients.h"
#include "tests/unit/secondary/pair.h"

namespace tandem::test {
namespace {

using std::chrono::milliseconds;

std::chrono::seconds storm_seconds() {
  const char* const text = std::getenv("TANDEM_STORM_SECONDS");
  return std::chrono::seconds(text != nullptr ? std::strtoull(text, nullptr, 10) : 10);
}

/// What answers from a log: two UDP workers and a TCP server, as Node has them.
class Answering {
 public:
  explicit Answering(TestLog& log) {
    const SocketAddress any = *SocketAddress::from_text("127.0.0.1:0");
    auto udp = listen_udp(any, 2);
    auto tcp = listen_tcp(any);
    CHECK(udp.has_value() && tcp.has_value());
    udp_address_ = udp->address;
    tcp_address_ = tcp->address;
    SnapshotCell<Catalog>& cell = log.publisher().cell();
    for (UniqueFd& socket : udp->sockets) {
      workers_.push_back(std::make_unique<UdpWorker>(std::move(socket), UdpWorkerOptions{}, engine_,
                                                     cell, requests_.add_ring()));
      workers_.back()->start();
    }
    rules_.allow = {*TransferRule::from_text("127.0.0.0/8")};
    desk_ = std::make_unique<RequestDesk>(
        RequestDesk::Services{engine_, log.publisher(), keys_, rules_, clock_, *log, *log});
    tcp_ =
        std::make_unique<TcpServer>(std::move(tcp->sockets), TcpLimits{}, engine_, cell, requests_);
    tcp_->start();
    requests_.start([this](ReceivedRequest request) { desk_->serve(std::move(request)); });
  }

  void stop() {
    requests_.stop();
    desk_->transfers().stop();
    tcp_->stop();
    for (const auto& worker : workers_) {
      worker->stop();
    }
  }

  [[nodiscard]] const SocketAddress& udp() const noexcept { return udp_address_; }

  [[nodiscard]] const SocketAddress& tcp() const noexcept { return tcp_address_; }

  /// What the API asks for, from another thread.
  [[nodiscard]] std::uint64_t queries() const {
    std::uint64_t sum = tcp_->stats().queries.value();
    for (const auto& worker : workers_) {
      sum += worker->stats().queries.value();
    }
    return sum;
  }

 private:
  const QueryEngine engine_{{}};
  const SystemClock clock_;
  const KeyRing keys_{{}};
  TransferRules rules_;
  RequestQueue requests_;
  std::unique_ptr<RequestDesk> desk_;
  SocketAddress udp_address_;
  SocketAddress tcp_address_;
  std::vector<std::unique_ptr<UdpWorker>> workers_;
  std::unique_ptr<TcpServer> tcp_;
};

Keeper::Options keeping(TestLog& log, std::function<std::uint64_t()> trim_limit = nullptr) {
  Keeper::Options options;
  options.keep_octets = std::uint64_t{256} << 10U;
  options.trim_limit = std::move(trim_limit);
  options.every_second = [&log] { log.publisher().collect(); };
  options.second = milliseconds(5);
  return options;
}

/// All names at one version.
std::string lines_at(std::uint32_t version) {
  std::string lines;
  for (std::uint32_t i = 0; i < kNames; ++i) {
    lines += fmt::format("{} 60 IN A {}\n", owner_of(i), address_of(version));
  }
  return lines;
}

/// So much besides them that a replacement is logged as an image and a transfer takes many writes.
std::string ballast_at(std::uint32_t version) {
  std::string lines;
  for (int i = 0; i < 3000; ++i) {
    lines += fmt::format("x{} TXT \"{} {}\"\n", i, version, std::string(180, 'x'));
  }
  return lines;
}

Planner set_all(std::uint32_t version) {
  std::vector<RecordEdit> edits(kNames);
  for (std::uint32_t i = 0; i < kNames; ++i) {
    edits[i] = set_edit(name(owner_of(i)), address_of(version));
  }
  return plan_edits(name(kZone), std::move(edits));
}

/// One life of both nodes, on the disks that the lives before it left.
class Storm {
 public:
  Storm(Store& leader_disk, Store& follower_disk, const Clock& clock, std::uint32_t& version)
      : version_(version), leader_(leader_disk, clock), follower_(follower_disk, clock) {
    const auto made = change(leader_.writer(), plan_import(name(kZone), zone(lines_at(++version_)),
                                                           IfMissing::kCreate, ZoneOptions{}));
    EXPECT_TRUE(made) << made.error().detail;
    leader_keeper_.start();
    follower_keeper_.start();
    leads_.emplace(leader_.log());
    follows_.emplace(follower_.log());
    cable_.emplace(leader_, follower_);
  }

  /// Asks and changes for `time`, then stops in the order of ClusterNode while that goes on.
  void run(milliseconds time) {
    std::optional<UdpClient> leader_udp(std::in_place, leads_->udp(), Knows::kZone);
    std::optional<UdpClient> follower_udp(std::in_place, follows_->udp(), Knows::kPerhaps);
    std::optional<TcpClient> leader_tcp(std::in_place, leads_->tcp());
    std::optional<TcpClient> follower_tcp(std::in_place, follows_->tcp());
    std::optional<Again> changes(std::in_place, [this] { change_main_zone(); });
    std::optional<Again> others(std::in_place, [this] { make_and_delete(); });
    std::optional<Again> looks(std::in_place, [this] { look(); });
    std::this_thread::sleep_for(time);  // that long it lasts; nothing is waited for
    looks.reset();
    cable_.reset();
    leader_.hub().stop();
    follower_.hub().stop();
    leader_.pusher().stop();
    follower_.replica().stop();
    leader_.writer().stop();  // what is submitted from here on is refused
    leader_keeper_.stop();
    follower_keeper_.stop();
    leads_->stop();
    follows_->stop();
    answered += leader_udp->answered() + follower_udp->answered();
    transferred += leader_tcp->transfers() + follower_tcp->transfers();
  }

  std::uint64_t answered = 0;
  std::uint64_t transferred = 0;

 private:
  void change_main_zone() {
    const std::uint32_t next = version_ + 1;
    Planner plan;
    if (next % 16 == 0) {
      plan = plan_import(name(kZone), zone(lines_at(next) + ballast_at(next)), IfMissing::kRefuse);
    } else if (next % 4 == 0) {
      plan = plan_import(name(kZone), zone(lines_at(next)), IfMissing::kRefuse);
    } else {
      plan = set_all(next);
    }
    if (change(leader_.writer(), std::move(plan))) {
      version_ = next;
    }
  }

  void make_and_delete() {
    const Name other = name("other.");
    const ZonePtr content = zone("a A 192.0.2.1\n", "other.");
    static_cast<void>(change(leader_.writer(), plan_create(other, {}, content)));
    static_cast<void>(change(leader_.writer(), plan_delete(other)));
  }

  /// What the API looks at.
  void look() {
    static_cast<void>(leads_->queries() + follows_->queries());
    static_cast<void>(leader_.hub().peers());
    static_cast<void>(follower_.hub().peers());
    static_cast<void>(leader_.log().lines(kZone).size() + follower_.log().lines(kZone).size());
    std::this_thread::yield();
  }

  std::uint32_t& version_;
  LeaderNode leader_;
  FollowerNode follower_;
  Keeper leader_keeper_{*leader_.log(), keeping(leader_.log(), [this] {
                          return leader_.pusher().members().trim_limit();
                        })};
  Keeper follower_keeper_{*follower_.log(), keeping(follower_.log())};
  std::optional<Answering> leads_;
  std::optional<Answering> follows_;
  std::optional<Cable> cable_;
};

TEST(Storm, NothingIsTornAndNothingHangs) {
  set_log_level(LogLevel::kError);  // of thousands of transfers and links nobody wants to read
  const SystemClock clock;
  MemoryStore leader_disk;
  MemoryStore follower_disk;
  std::uint32_t version = 0;
  std::uint64_t lives = 0;
  std::uint64_t answered = 0;
  std::uint64_t transferred = 0;
  const auto end = std::chrono::steady_clock::now() + storm_seconds();
  while (std::chrono::steady_clock::now() < end && !HasFailure()) {
    Storm storm(leader_disk, follower_disk, clock, version);
    storm.run(milliseconds(20) * (1 + lives * 7 % 25));
    ++lives;
    answered += storm.answered;
    transferred += storm.transferred;
  }
  fmt::print("{} lives, {} versions, {} answers over UDP, {} whole zones\n", lives, version,
             answered, transferred);
  EXPECT_GT(answered, 0U);
  EXPECT_GT(transferred, 0U);
  LeaderNode leader(leader_disk, clock);
  FollowerNode follower(follower_disk, clock);
  const Cable cable(leader, follower);
  EXPECT_TRUE(eventually([&] { return in_step(leader, follower); }));
  EXPECT_TRUE(follower.alarm().empty()) << follower.alarm();
}

}  // namespace
}  // namespace tandem::test
