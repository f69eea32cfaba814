#include "tests/unit/secondary/pair.h"

#include <gtest/gtest.h>

#include "common/base/check.h"
#include "common/log/codec.h"
#include "common/node/orphans.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

constexpr std::string_view kClusterKey = "test cluster";

LinkHub::Options hub_options(const NodeId& self, std::function<HelloFrame()> hello, TestLog& log) {
  LinkHub::Options options;
  options.self = self;
  options.hello = std::move(hello);
  options.position = [&log] { return log->entries().head(); };
  options.heartbeat = std::chrono::milliseconds(20);
  return options;
}

HelloFrame hello_of(TestLog& log) {
  HelloFrame hello;
  hello.version = "test";
  hello.change_kinds = known_change_kinds();
  hello.epochs = log->entries().epochs();
  hello.position = log->entries().head();
  hello.first_sequence = log->entries().first_sequence();
  return hello;
}

}  // namespace

LeaderNode::LeaderNode(Store& disk, const Clock& clock, Trust trust) : log_(disk, clock) {
  hub_ =
      std::make_unique<LinkHub>(hub_options(node_id(1), [this] { return hello(); }, log_), clock);
  Pusher::Options options;
  options.cluster = cluster_id(7);
  options.is_doubtful = trust == Trust::kDoubtful;
  options.on_doubt_ended = [this] { writer_->set_read_only(""); };
  options.on_diverged = [this](std::string reason) { writer_->set_read_only(std::move(reason)); };
  options.on_hand_over = [this](const HandOverRequestFrame& request,
                                const std::function<void(HandOverReplyFrame)>& reply) {
    hand_over(request, reply);
  };
  pusher_ = std::make_unique<Pusher>(*log_, sealer_of_node(1), *hub_, options);
  log_->add_listener([this](const CommittedGroup& group) { pusher_->on_commit(group); });
  writer_ = std::make_unique<Writer>(*log_, sealer_of_node(1), node_id(1));
  CHECK(writer_->bootstrap(cluster_id(7)).has_value());
  if (pusher_->is_doubtful()) {
    writer_->set_read_only("doubtful");
  }
  if (const std::string reason = pusher_->diverged_reason(); !reason.empty()) {
    writer_->set_read_only(reason);
  }
  writer_->start();
  hub_->set_roles(pusher_.get(), nullptr);
  hub_->start();
}

LeaderNode::~LeaderNode() {
  hub_->stop();
  pusher_->stop();
  writer_->stop();
}

HelloFrame LeaderNode::hello() {
  HelloFrame hello = hello_of(log_);
  hello.cluster = cluster_id(7);
  hello.node = node_id(1);
  hello.is_leader = true;
  hello.is_doubtful = pusher_->is_doubtful();
  return hello;
}

void LeaderNode::refuse_hand_over(std::string reason) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(reason);
}

void LeaderNode::hand_over(const HandOverRequestFrame& request,
                           const std::function<void(HandOverReplyFrame)>& reply) {
  if (request.gives_up) {
    writer_->set_read_only("");
    return;
  }
  const std::lock_guard lock(mutex_);
  if (refusal_.empty()) {
    writer_->set_read_only("hands over");
    writer_->wait_idle();
  }
  if (!ignores_hand_over_) {
    reply({refusal_, log_->entries().head()});
  }
}

void LeaderNode::create_zone() {
  const auto made = change(*writer_, plan_create(name(kZone), {}, zone("a A 192.0.2.1\n")));
  ASSERT_TRUE(made) << made.error().detail;
}

void LeaderNode::set(std::string_view owner, std::string_view address) {
  const auto done = change(*writer_, set_address(kZone, owner, address));
  ASSERT_TRUE(done) << done.error().detail;
}

FollowerNode::FollowerNode(Store& disk, const Clock& clock, std::uint8_t number)
    : id_(node_id(number)), log_(disk, clock) {
  if (const auto kept = disk.get(Family::kMeta, as_octets(kClusterKey)); kept && *kept) {
    cluster_ = ClusterId::from(**kept);
  }
  hub_ = std::make_unique<LinkHub>(hub_options(id_, [this] { return hello(); }, log_), clock);
  Replica::Options options;
  options.on_contact = [this] { ++contacts_; };
  options.on_in_step = [this] { ++in_steps_; };
  options.on_alarm = [this](std::string what) { on_alarm(std::move(what)); };
  options.keep_cluster = [](const ClusterId& cluster, WriteBatch& batch) {
    batch.put(Family::kMeta, as_octets(kClusterKey), cluster.octets);
  };
  options.on_cluster = [this](const ClusterId& cluster) {
    const std::lock_guard lock(mutex_);
    cluster_ = cluster;
  };
  options.cluster = [this] { return cluster(); };
  replica_ = std::make_unique<Replica>(*log_, sealer_of_node(2), *hub_, options);
  hub_->set_roles(nullptr, replica_.get());
  hub_->start();
}

FollowerNode::~FollowerNode() {
  hub_->stop();
  replica_->stop();
}

HelloFrame FollowerNode::hello() {
  HelloFrame hello = hello_of(log_);
  if (const ClusterId known = cluster(); !known.is_zero()) {
    hello.cluster = known;
  }
  hello.node = id_;
  return hello;
}

void FollowerNode::on_alarm(std::string what) {
  const std::lock_guard lock(mutex_);
  alarms_ += what.empty() ? 0 : 1;
  alarm_ = std::move(what);
}

ClusterId FollowerNode::cluster() const {
  const std::lock_guard lock(mutex_);
  return cluster_;
}

std::string FollowerNode::alarm() const {
  const std::lock_guard lock(mutex_);
  return alarm_;
}

int FollowerNode::alarms() const {
  const std::lock_guard lock(mutex_);
  return alarms_;
}

class Cable::Tap final : public LinkHandler {
 public:
  Tap(LinkHandler& to, Cable& cable) : to_(to), cable_(cable) {}

  void on_open(const std::shared_ptr<LinkPeer>& peer) override { to_.on_open(peer); }

  void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) override {
    to_.on_frame(peer, std::move(frame));
  }

  void on_writable(const std::shared_ptr<LinkPeer>& peer) override { to_.on_writable(peer); }

  void on_close(const std::shared_ptr<LinkPeer>& peer, std::string_view reason) override {
    to_.on_close(peer, reason);
    cable_.note_closed();
  }

 private:
  LinkHandler& to_;
  Cable& cable_;
};

Cable::Cable(LeaderNode& leader, FollowerNode& follower, Patience patience)
    : patience_(std::move(patience)),
      leader_(std::make_unique<Tap>(leader.hub(), *this)),
      follower_(std::make_unique<Tap>(follower.hub(), *this)),
      thread_([this] { run(); }) {}

Cable::~Cable() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Cable::run() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        return;
      }
      closed_ = 0;
    }
    testing::MemoryLink link(*leader_, *follower_);
    if (const auto frames = patience_ ? patience_() : std::nullopt) {
      link.cut_after(*frames);
    }
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || closed_ == 2; });
    ++ended_;
  }
}

void Cable::note_closed() {
  const std::lock_guard lock(mutex_);
  ++closed_;
  wake_.notify_all();
}

int Cable::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

bool in_step(LeaderNode& leader, FollowerNode& follower) {
  if (leader.log()->table().position() != follower.log()->table().position()) {
    return false;
  }
  const auto ours = leader.log()->table().snapshot();
  const auto theirs = follower.log()->table().snapshot();
  if (ours.position != theirs.position || ours.state() != theirs.state()) {
    return false;
  }
  for (std::size_t i = 0; i < ours.zones.size(); ++i) {
    const ZonePtr here = ours.zones[i]->zone;
    const ZonePtr there = theirs.zones[i]->zone;
    if (here == nullptr) {
      continue;
    }
    // A table is in step a moment before it is answered from.
    if (content_digest_of(*here) != content_digest_of(*there) ||
        follower.log().answered(theirs.zones[i]->name.to_text()) != there) {
      return false;
    }
  }
  return true;
}

void commit_entry(TestLog& log, const Epoch& epoch, Change change,
                  const std::function<void(Octets&)>& spoil) {
  TableDraft draft = log->draft();
  if (spoil == nullptr) {
    CHECK(draft.apply(change).has_value());
  }
  const Position head = log->entries().head();
  Entry entry;
  entry.sequence = head.sequence + 1;
  entry.epoch = epoch;
  entry.time = log->clock().wall();
  entry.changes.push_back(std::move(change));
  entry.group_end = true;
  entry.zone_digests = draft.digests();
  auto encoded = encode_after(head, entry);
  CHECK(encoded.has_value());
  if (spoil != nullptr) {
    spoil(encoded->octets);
    encoded->chain = extend_chain(head.chain, encoded->octets);
  }
  CHECK(log->commit(std::span(&*encoded, 1), draft, {}).has_value());
}

void spoil_zone(TestLog& log, std::string_view zone, ZonePtr content) {
  TableDraft draft = log->draft();
  const ZoneId id = log->table().find(name(zone))->id;
  const ContentDigest digest = content_digest_of(*content);
  CHECK(draft.set_content(id, std::move(content), digest).has_value());
  log.show(draft);
}

std::size_t orphans_of(const Store& disk) {
  const auto orphans = read_orphans(disk, LogId::kCluster);
  CHECK(orphans.has_value());
  return orphans->size();
}

}  // namespace tandem::test
