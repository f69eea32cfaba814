// The key ring follows the log, whatever way the log goes on.
#include "common/node/logged_keys.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/node/key_plans.h"
#include "primary/writer.h"
#include "tests/support/faulty_store.h"
#include "tests/support/zone_text.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

using Outcome = testing::FaultyStore::Outcome;

/// Counts how many secrets are read.
class CountingStore final : public Store {
 public:
  explicit CountingStore(Store& under) : under_(under) {}

  [[nodiscard]] std::size_t secrets_read() const { return secrets_read_; }

  Result<std::optional<Octets>> get(Family family, OctetSpan key) const override {
    secrets_read_ += family == Family::kSecret ? 1U : 0U;
    return under_.get(family, key);
  }

  Status scan(Family family, OctetSpan first, OctetSpan end, const Visit& visit) const override {
    return under_.scan(family, first, end, visit);
  }

  Status scan_back(Family family, OctetSpan first, OctetSpan end,
                   const Visit& visit) const override {
    return under_.scan_back(family, first, end, visit);
  }

  Status write(const WriteBatch& batch, Durability durability) override {
    return under_.write(batch, durability);
  }

  [[nodiscard]] std::string write_failure() const override { return under_.write_failure(); }

  Status reopen() override { return under_.reopen(); }

 private:
  Store& under_;
  mutable std::atomic<std::size_t> secrets_read_ = 0;
};

class LoggedKeysTest : public ::testing::Test {
 protected:
  LoggedKeysTest() {
    EXPECT_TRUE(Writer(*log_, sealer_of_node(1), node_id(1)).bootstrap(cluster_id(7)));
    start();
  }

  /// As a node does, which begins with this log.
  void start(int node = 1) {
    writer_.reset();
    log_.restart();
    ring_ = std::make_unique<KeyRing>(std::vector<TsigKey>{});
    keys_ = std::make_unique<LoggedKeys>(store_, sealer_of_node(node), *ring_, alarms_);
    log_->set_secret_listener([this](const SecretDifference& what) { keys_->follow(what); });
    log_->publish();
    writer_ = std::make_unique<Writer>(*log_, sealer_of_node(1), node_id(1));
    writer_->start();
  }

  TsigKey create(std::string_view of) {
    TsigKey made = new_tsig_key(name(of), {});
    const auto receipt = change(*writer_, plan_key_create(made));
    EXPECT_TRUE(receipt) << receipt.error().detail;
    return made;
  }

  [[nodiscard]] bool holds(const TsigKey& key) const {
    const TsigKeyPtr found = ring_->find(key.name);
    return found != nullptr && found->algorithm == key.algorithm && found->secret == key.secret;
  }

  [[nodiscard]] bool holds(std::string_view of) const { return ring_->find(name(of)) != nullptr; }

  [[nodiscard]] std::size_t secrets_stored() const {
    std::size_t count = 0;
    EXPECT_TRUE(store_.scan(Family::kSecret, {}, {}, [&](OctetSpan, OctetSpan) {
      ++count;
      return ScanNext::kContinue;
    }));
    return count;
  }

  ManualClock clock_;
  MemoryStore memory_;
  testing::FaultyStore faulty_{memory_};
  CountingStore store_{faulty_};
  Alarms alarms_{clock_};
  TestLog log_{store_, clock_};
  std::unique_ptr<KeyRing> ring_;
  std::unique_ptr<LoggedKeys> keys_;
  std::unique_ptr<Writer> writer_;
};

TEST_F(LoggedKeysTest, AKeyIsThereFromItsReceiptToThatOfItsDeletionAndOverRestarts) {
  const TsigKey one = create("one.");
  EXPECT_TRUE(holds(one));
  start();
  EXPECT_TRUE(holds(one));
  ASSERT_TRUE(change(*writer_, plan_key_delete(one.name)));
  EXPECT_FALSE(holds("one."));
  start();
  EXPECT_FALSE(holds("one."));
  EXPECT_TRUE(alarms_.all().empty());
}

TEST_F(LoggedKeysTest, AReplacedKeyIsTheNewOne) {
  create("one.");
  const TsigKey other = new_tsig_key(name("one."), {TsigHash::kSha512, 64});
  ASSERT_TRUE(change(*writer_, plan_key_import({other}, IfOther::kReplace)));
  EXPECT_TRUE(holds(other));
  start();
  EXPECT_TRUE(holds(other));
}

TEST_F(LoggedKeysTest, EachKeyIsReadOnceAtTheStartAndNoneForAnotherChange) {
  constexpr std::size_t kKeys = 5000;
  for (std::size_t first = 0; first < kKeys; first += kMaxKeysInChange) {
    std::vector<TsigKey> keys;
    for (std::size_t i = first; i < first + kMaxKeysInChange; ++i) {
      keys.push_back(new_tsig_key(name(fmt::format("key{}.example.", i)), {}));
    }
    ASSERT_TRUE(change(*writer_, plan_key_import(keys, IfOther::kRefuse)));
  }
  EXPECT_EQ(store_.secrets_read(), kKeys);
  start();
  EXPECT_EQ(store_.secrets_read(), 2 * kKeys);
  EXPECT_TRUE(holds("key4999.example."));
  create("one.");
  EXPECT_EQ(store_.secrets_read(), 2 * kKeys + 1);
  ASSERT_TRUE(change(*writer_, plan_key_delete(name("key17.example."))));
  ASSERT_TRUE(change(*writer_, plan_create(name("example."), {}, zone("a A 192.0.2.1\n"))));
  EXPECT_EQ(store_.secrets_read(), 2 * kKeys + 1);
  EXPECT_FALSE(holds("key17.example."));
}

TEST_F(LoggedKeysTest, AKeyThatDoesNotOpenRaisesAnAlarmUntilItIsGone) {
  create("one.");
  create("two.");
  start(2);
  EXPECT_FALSE(holds("one."));
  ASSERT_EQ(alarms_.all().size(), 1U);
  EXPECT_THAT(alarms_.all().front().what, ::testing::StartsWith("2 of the TSIG keys in the log"));
  ASSERT_TRUE(change(*writer_, plan_key_delete(name("one."))));
  EXPECT_EQ(alarms_.all().size(), 1U);
  ASSERT_TRUE(change(*writer_, plan_key_delete(name("two."))));
  EXPECT_TRUE(alarms_.all().empty());
}

TEST_F(LoggedKeysTest, ImagesReplaceTheKeysInOneStep) {
  const TsigKey stays = create("stays.");
  create("goes.");
  ASSERT_TRUE(change(*writer_, plan_key_delete(create("gone.").name)));
  EXPECT_EQ(secrets_stored(), 3U) << "a deleted one is there as long as the entry that deleted it";
  writer_->stop();
  ZoneTable::Snapshot next = log_->table().snapshot();
  std::erase_if(next.secrets, [](const SecretInfo& info) { return info.label.starts_with("g"); });
  const SecretChange comes = secret_change("comes.:hmac-sha256", "the secret");
  next.secrets.push_back(comes.info);
  std::ranges::sort(next.secrets, {}, &SecretInfo::id);
  next.position.sequence += 10;
  WriteBatch with;
  with.put(Family::kSecret, comes.info.id.octets,
           sealer_of_node(1).seal(comes.secret, comes.info.id.to_text()));
  ASSERT_TRUE(log_->install(next, log_->entries().epochs(), std::move(with)));
  EXPECT_TRUE(holds(stays));
  EXPECT_TRUE(holds({name("comes."), {}, comes.secret}));
  EXPECT_FALSE(holds("goes."));
  EXPECT_EQ(secrets_stored(), 2U);
}

TEST_F(LoggedKeysTest, WhatAFailedWriteTurnsOutToHaveWrittenCounts) {
  for (const Outcome outcome : {Outcome::kWritten, Outcome::kNotWritten}) {
    faulty_.fail_after(0, Errc::kIo, outcome);
    EXPECT_TRUE(holds(create(outcome == Outcome::kWritten ? "written." : "again.")));
  }
  // By another's hand: a failed write of the log that shows only when the store is opened anew.
  writer_->stop();
  const TsigKey late = new_tsig_key(name("late."), {});
  Writer writer(*log_, sealer_of_node(1), node_id(1));
  faulty_.fail_after(0, Errc::kIo, Outcome::kWritten);
  faulty_.fail_reopen(Errc::kIo);
  writer.start();
  EXPECT_FALSE(change(writer, plan_key_create(late)));
  EXPECT_TRUE(eventually([&] { return holds(late); }));
}

TEST_F(LoggedKeysTest, TheSecretOfADeletedKeyGoesWithTheEntryThatDeletedIt) {
  const TsigKey one = create("one.");
  create("two.");
  ASSERT_TRUE(change(*writer_, plan_key_delete(one.name)));
  create("three.");
  writer_->stop();
  ASSERT_TRUE(log_->trim(3, [] { return false; }));
  EXPECT_EQ(secrets_stored(), 3U);
  ASSERT_TRUE(log_->trim(4, [] { return false; }));
  EXPECT_EQ(secrets_stored(), 2U);
}

}  // namespace
}  // namespace tandem::test
