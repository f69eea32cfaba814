#include "tests/simulation/sim_nodes.h"

#include <utility>

#include "common/base/check.h"
#include "common/log/codec.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

constexpr std::string_view kClusterKey = "test cluster";
constexpr std::uint8_t kCluster = 7;

std::uint8_t number_of(Side side) {
  return side == Side::kLeader ? 1 : 2;
}

}  // namespace

Status check_disk(Store& disk, const Clock& clock) {
  Publisher publisher;
  return ReplicatedLog(disk, TRY(LogStore::open(disk, LogId::kCluster)), publisher, clock).load();
}

SimProcess::SimProcess(Store& disk, const Clock& clock, Side side)
    : clock_(clock), id_(node_id(number_of(side))) {
  auto entries = LogStore::open(disk, LogId::kCluster);
  CHECK(entries.has_value());
  log_ = std::make_unique<ReplicatedLog>(disk, *std::move(entries), publisher_, clock);
  CHECK(log_->load().has_value());
  log_->publish();
}

HelloFrame SimProcess::hello() const {
  HelloFrame hello;
  hello.node = id_;
  hello.version = "simulated";
  hello.change_kinds = known_change_kinds();
  hello.epochs = log_->entries().epochs();
  hello.position = log_->entries().head();
  hello.first_sequence = log_->entries().first_sequence();
  return hello;
}

void SimProcess::make_hub(std::function<HelloFrame()> hello) {
  LinkHub::Options options;
  options.self = id_;
  options.hello = std::move(hello);
  options.position = [this] { return log_->entries().head(); };
  hub_ = std::make_unique<LinkHub>(std::move(options), clock_);
}

void SimProcess::make_keeper(const Keeping& keeping, std::function<std::uint64_t()> trim_limit) {
  Keeper::Options options;
  options.keep_octets = keeping.octets;
  options.trim_limit = std::move(trim_limit);
  options.every_second = [this] {
    publisher_.collect();
    look_after();
  };
  keeper_ = std::make_unique<Keeper>(*log_, options);
}

void SimProcess::second() {
  hub_->turn();
  keeper_->turn(++seconds_);
}

SimLeader::SimLeader(Store& disk, const Clock& clock, const Keeping& keeping, Judge& judge)
    : SimProcess(disk, clock, Side::kLeader) {
  log().add_listener([&judge](const CommittedGroup& group) { judge.logged(group); });
  make_hub([this] {
    HelloFrame hello = this->hello();
    hello.cluster = cluster_id(kCluster);
    hello.is_leader = true;
    hello.is_doubtful = pusher_->is_doubtful();
    return hello;
  });
  Pusher::Options options;
  options.cluster = cluster_id(kCluster);
  options.hold_octets = keeping.hold_octets;
  options.on_diverged = [&judge](const std::string& reason) {
    judge.fail("the histories part: " + reason);
  };
  options.on_has = [this](const void* stream, const NodeId& node, std::uint64_t sequence) {
    waits_->has(stream, node, sequence);
  };
  options.on_left = [this](const void* stream) { waits_->left(stream); };
  options.pace = Worker::Pace::kSteps;
  pusher_ = std::make_unique<Pusher>(log(), sealer_of_node(1), hub(), options);
  log().add_listener([this](const CommittedGroup& group) { pusher_->on_commit(group); });
  hub().set_roles(pusher_.get(), nullptr);
  writer_ = std::make_unique<Writer>(log(), sealer_of_node(1), node_id(1));
  waits_ = std::make_unique<ReceiptWaits>(*writer_, clock, Worker::Pace::kSteps);
  make_keeper(keeping, [this] { return pusher_->members().trim_limit(); });
  judge.started(Side::kLeader, log(), publisher());
  static_cast<void>(writer_->bootstrap(cluster_id(kCluster)));  // a disk may fail at once
}

SimLeader::~SimLeader() = default;

void SimLeader::look_after() {
  if (log().is_broken()) {
    writer_->turn();
  }
  pusher_->members().keep();
}

SimFollower::SimFollower(Store& disk, const Clock& clock, const Keeping& keeping, Judge& judge)
    : SimProcess(disk, clock, Side::kFollower) {
  if (const auto kept = disk.get(Family::kMeta, as_octets(kClusterKey)); kept && *kept) {
    cluster_ = ClusterId::from(**kept);
  }
  make_hub([this] {
    HelloFrame hello = this->hello();
    if (!cluster_.is_zero()) {
      hello.cluster = cluster_;
    }
    return hello;
  });
  Replica::Options options;
  options.on_contact = [] {};
  options.on_in_step = [] {};
  options.on_alarm = [this, &judge](std::string what) {
    if (what != alarm_) {
      judge.note("  the follower's alarm: {}", what.empty() ? "over" : what);
    }
    alarm_ = std::move(what);
  };
  options.keep_cluster = [](const ClusterId& cluster, WriteBatch& batch) {
    batch.put(Family::kMeta, as_octets(kClusterKey), cluster.octets);
  };
  options.on_cluster = [this](const ClusterId& cluster) { cluster_ = cluster; };
  options.cluster = [this] { return cluster_; };
  options.pace = Worker::Pace::kSteps;
  replica_ = std::make_unique<Replica>(log(), sealer_of_node(2), hub(), options);
  hub().set_roles(nullptr, replica_.get());
  log().add_listener([&judge](const CommittedGroup& /*group*/) { judge.look(Side::kFollower); });
  make_keeper(keeping, nullptr);
  judge.started(Side::kFollower, log(), publisher());
}

SimFollower::~SimFollower() = default;

void SimFollower::look_after() {
  replica_->recover();
}

}  // namespace tandem::test
