// What a log does when the store under it fails: nothing is written on top of what is not known.
#include "common/node/replicated_log.h"

#include <gtest/gtest.h>

#include "common/node/plans.h"
#include "primary/writer.h"
#include "tests/support/faulty_store.h"
#include "tests/support/zone_text.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

using Outcome = testing::FaultyStore::Outcome;

constexpr std::string_view kZone = "example.";

class ReplicatedLogTest : public ::testing::TestWithParam<Outcome> {
 protected:
  ReplicatedLogTest() {
    Writer writer(*log_, sealer_of_node(1), node_id(1));
    EXPECT_TRUE(writer.bootstrap(cluster_id(7)));
    writer.start();
    EXPECT_TRUE(change(writer, plan_create(name(kZone), {}, zone("a A 192.0.2.1\n"))));
  }

  /// Everything is replaced by one zone that a cut brought.
  Status install() {
    const ZonePtr content = zone("b A 192.0.2.2\n", "other.");
    const ContentDigest digest = content_digest_of(*content);
    ZoneRecord record{ZoneId{}, name("other."), {}, content, digest, 90};
    record.id.octets.fill(3);
    ZoneTable::Snapshot next;
    next.position = {{1, node_id(1)}, 90, Digest256{9}};
    WriteBatch with;
    const auto put = [&](const ZoneId& id, const Result<ImageRef>& image) {
      EXPECT_TRUE(image);
      put_checkpoint(with, LogId::kCluster, id, {90, *image});
    };
    put(record.id, write_image(memory_, {LogId::kCluster, record.id, digest.value()}, content));
    next.zones.push_back(std::make_shared<const ZoneRecord>(std::move(record)));
    put(ZoneId{}, write_state_image(memory_, LogId::kCluster, next.state()));
    return log_->install(next, {{{1, node_id(1)}, 1}}, std::move(with));
  }

  ManualClock clock_;
  MemoryStore memory_;
  testing::FaultyStore store_{memory_};
  TestLog log_{store_, clock_};
};

TEST_P(ReplicatedLogTest, AFailedInstallIsFoundOutAbout) {
  store_.fail_after(0, Errc::kNoSpace, GetParam());
  EXPECT_FALSE(install());
  EXPECT_TRUE(log_->is_broken());
  EXPECT_FALSE(log_.lines(kZone).empty()) << "what was served goes on being served";
  const std::uint64_t generation = log_->generation();
  ASSERT_TRUE(log_->recover());
  EXPECT_FALSE(log_->is_broken());
  const bool is_there = GetParam() == Outcome::kWritten;
  EXPECT_EQ(log_->table().position(), log_->entries().head());
  EXPECT_EQ(log_.head(), is_there ? 90U : 2U);
  EXPECT_EQ(log_.lines(kZone).empty(), is_there);
  EXPECT_EQ(log_.lines("other.").empty(), !is_there);
  EXPECT_EQ(log_->generation() == generation, !is_there);
}

TEST_P(ReplicatedLogTest, ASecretThatACutLeavesOutIsErased) {
  const SecretChange secret = secret_change("key.", "very secret");
  Writer writer(*log_, sealer_of_node(1), node_id(1));
  writer.start();
  ASSERT_TRUE(change(
      writer, [&](const TableDraft& /*zones*/) -> Result<Plan> { return Plan{{secret}, {}, {}}; }));
  writer.stop();
  ASSERT_TRUE(*store_.get(Family::kSecret, secret.info.id.octets));
  ASSERT_TRUE(install());
  EXPECT_FALSE(*store_.get(Family::kSecret, secret.info.id.octets));
}

TEST_P(ReplicatedLogTest, NothingIsWrittenBeforeAFailedWriteIsLookedInto) {
  store_.fail_after(0, Errc::kIo, GetParam());
  EXPECT_FALSE(log_->write_checkpoints({}, log_->generation()));
  ASSERT_TRUE(store_.reopen()) << "as for another log in the same store";
  EXPECT_TRUE(log_->is_broken());
  EXPECT_EQ(log_->write_checkpoints({}, log_->generation()).error().code, Errc::kUnavailable);
  ASSERT_TRUE(log_->recover());
  EXPECT_TRUE(log_->write_checkpoints({}, log_->generation()));
}

TEST_P(ReplicatedLogTest, AStoreThatFailedForSomebodyElseIsToBeRecoveredToo) {
  store_.fail_after(0, Errc::kNoSpace, GetParam());
  WriteBatch batch;
  batch.put(Family::kMeta, as_octets("row"), as_octets("1"));
  EXPECT_FALSE(store_.write(batch, Durability::kSynced));
  EXPECT_TRUE(log_->is_broken());
  ASSERT_TRUE(log_->recover());
  EXPECT_FALSE(log_->is_broken());
}

INSTANTIATE_TEST_SUITE_P(Either, ReplicatedLogTest,
                         ::testing::Values(Outcome::kNotWritten, Outcome::kWritten),
                         [](const auto& info) {
                           return info.param == Outcome::kWritten ? "Written" : "NotWritten";
                         });

}  // namespace
}  // namespace tandem::test
