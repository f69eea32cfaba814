// What is answered of two logs' tables.
#include "common/node/publisher.h"

#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

ZoneRecordPtr record(ZonePtr content) {
  ZoneRecord out;
  out.name = content != nullptr ? content->origin() : name("example.").view();
  out.zone = std::move(content);
  return std::make_shared<const ZoneRecord>(std::move(out));
}

class PublisherTest : public ::testing::Test {
 protected:
  [[nodiscard]] CatalogEntry answered() const {
    const auto catalog = publisher_.cell().shared();
    const NameKey key(name("example."));
    const CatalogEntry* const entry = catalog->find(key, key.label_count());
    return entry != nullptr ? *entry : CatalogEntry{};
  }

  mutable Publisher publisher_;
  const ZoneRecordPtr first_ = record(zone("a A 192.0.2.1\n"));
  const ZoneRecordPtr second_ = record(zone("a A 192.0.2.2\n"));
  const ZoneRecordPtr empty_ = record(nullptr);
};

TEST_F(PublisherTest, TheClustersZoneGoesBeforeTheNodesOwn) {
  publisher_.publish(LogId::kLocal, {{nullptr, first_}});
  EXPECT_EQ(answered().zone, first_->zone);
  publisher_.publish(LogId::kCluster, {{nullptr, second_}});
  EXPECT_EQ(answered().zone, second_->zone);
  publisher_.publish(LogId::kCluster, {{second_, nullptr}});
  EXPECT_EQ(answered().zone, first_->zone) << "which comes back when the other goes";
  publisher_.publish(LogId::kLocal, {{first_, nullptr}});
  EXPECT_EQ(answered().zone, nullptr);
}

TEST_F(PublisherTest, AZoneWithoutContentIsNotAnswered) {
  publisher_.publish(LogId::kCluster, {{nullptr, empty_}});
  EXPECT_EQ(answered().zone, nullptr);
  publisher_.publish(LogId::kCluster, {{empty_, first_}});
  EXPECT_EQ(answered().zone, first_->zone);
  publisher_.publish(LogId::kCluster, {{first_, empty_}});
  EXPECT_EQ(answered().zone, nullptr);
}

TEST_F(PublisherTest, DeletedAndCreatedAnewIsAnsweredWhateverTheOrder) {
  publisher_.publish(LogId::kCluster, {{nullptr, first_}});
  publisher_.publish(LogId::kCluster, {{first_, nullptr}, {nullptr, second_}});
  EXPECT_EQ(answered().zone, second_->zone);
  publisher_.publish(LogId::kCluster, {{nullptr, first_}, {second_, nullptr}});
  EXPECT_EQ(answered().zone, first_->zone);
}

TEST_F(PublisherTest, AnEarlyZoneIsBeingStoredUntilItsTableHasIt) {
  publisher_.publish_early(first_->zone);
  EXPECT_EQ(answered().zone, first_->zone);
  ASSERT_EQ(publisher_.storing().size(), 1U);
  EXPECT_EQ(publisher_.storing().front(), first_->zone);
  publisher_.publish(LogId::kCluster, {{nullptr, first_}});
  EXPECT_TRUE(publisher_.storing().empty());
  EXPECT_EQ(answered().zone, first_->zone);
}

TEST_F(PublisherTest, AStateIsOfOneLogAndStaysOverNewVersions) {
  publisher_.publish(LogId::kCluster, {{nullptr, first_}});
  publisher_.set_states(LogId::kLocal, {{name("example."), ServeState::kExpired}});
  EXPECT_EQ(answered().state, ServeState::kServing);
  publisher_.set_states(LogId::kCluster, {{name("Example."), ServeState::kExpired}});
  EXPECT_EQ(answered().state, ServeState::kExpired);
  EXPECT_EQ(publisher_.state_of(name("EXAMPLE.")), ServeState::kExpired);
  publisher_.publish(LogId::kCluster, {{first_, second_}});
  EXPECT_EQ(answered().state, ServeState::kExpired);
  EXPECT_EQ(answered().zone, second_->zone);
  publisher_.set_states(LogId::kCluster, {{name("example."), ServeState::kServing},
                                          {name("unknown."), ServeState::kExpired}});
  EXPECT_EQ(answered().state, ServeState::kServing);
  EXPECT_EQ(publisher_.state_of(name("unknown.")), ServeState::kServing);
}

TEST_F(PublisherTest, AReplacedVersionIsFreedWhenNoWorkerHoldsItAnyMore) {
  auto reader = publisher_.cell().reader();
  auto content = zone("a A 192.0.2.9\n");
  const std::weak_ptr<const Zone> watched = content;
  auto held = record(std::move(content));
  publisher_.publish(LogId::kCluster, {{nullptr, held}});
  reader.pin();
  publisher_.publish(LogId::kCluster, {{held, second_}});
  held.reset();
  publisher_.collect();
  EXPECT_FALSE(watched.expired());
  reader.unpin();
  publisher_.collect();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace tandem::test
