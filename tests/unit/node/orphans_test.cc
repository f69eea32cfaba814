// Orphans: kept with the RRsets as they were, judged by what is there now, made again once.
#include "common/node/orphans.h"

#include <future>

#include <gtest/gtest.h>

#include "common/log/codec.h"
#include "common/node/orphan_verdict.h"
#include "primary/writer.h"
#include "tests/support/zone_text.h"
#include "tests/unit/node/test_log.h"

namespace tandem::test {
namespace {

using Texts = std::vector<std::string>;

/// A leader that takes changes, and has them become orphans while its table stays: what `other()`
/// makes of it then is what the new leader has.
class OrphansTest : public ::testing::Test {
 protected:
  OrphansTest() {
    writer_ = std::make_unique<Writer>(*log_, sealer_of_node(1), node_id(1));
    EXPECT_TRUE(writer_->bootstrap(cluster_id(1)));
    writer_->start();
    EXPECT_TRUE(change(*writer_, plan_create(name("example."), {}, zone("a 60 A 192.0.2.1\n"))));
    fork_ = log_.head();
  }

  void edit(RecordEdit::Operation operation, std::string_view owner, std::string_view address,
            NoteEdit note = {}) {
    RecordEdit edit = set_edit(name(owner), address);
    edit.operation = operation;
    edit.ttl = 60;
    edit.note = std::move(note);
    EXPECT_TRUE(change(*writer_, plan_edits(name("example."), {edit})));
  }

  void add(std::string_view address) { edit(RecordEdit::Operation::kAdd, "a.example.", address); }

  void set(std::string_view address) { edit(RecordEdit::Operation::kSet, "a.example.", address); }

  /// All since the fork are orphans; the zone is as before them.
  void orphan() {
    ASSERT_TRUE(keep_orphans(*log_, fork_));
    back();
  }

  void back() {
    ASSERT_TRUE(change(*writer_, plan_import(name("example."), zone("a 60 A 192.0.2.1\n"),
                                             IfMissing::kRefuse, {}, NoteSet())));
  }

  [[nodiscard]] std::vector<Orphan> orphans() const {
    return *read_orphans(store_, LogId::kCluster);
  }

  OrphanVerdict verdict(std::size_t which, const OrphanOutlook& outlook = {}) {
    return judge_orphan(orphans()[which], log_->draft(), outlook).verdict;
  }

  Result<OrphanMade> apply(std::size_t which, OnConflict on_conflict = OnConflict::kRefuse) {
    std::promise<Result<OrphanMade>> made;
    apply_orphan(*writer_, {orphans()[which], on_conflict, {"ann", "unix", "here", "wanted"}},
                 [&](Result<OrphanMade> result) { made.set_value(std::move(result)); });
    return made.get_future().get();
  }

  [[nodiscard]] Texts a_now() const {
    Texts lines = log_.lines("example.");
    std::erase_if(lines, [](const std::string& line) { return !line.starts_with("a."); });
    return lines;
  }

  const SystemClock clock_;
  MemoryStore store_;
  TestLog log_{store_, clock_};
  std::unique_ptr<Writer> writer_;
  std::uint64_t fork_ = 0;
};

TEST_F(OrphansTest, WhatIsAsBeforeTheChangeCanBeMadeAgain) {
  add("192.0.2.2");
  orphan();
  EXPECT_EQ(verdict(0), OrphanVerdict::kWould);
  const auto made = apply(0);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_TRUE(made->changed);
  EXPECT_EQ(a_now(), (Texts{"a.example. 60 IN A 192.0.2.1", "a.example. 60 IN A 192.0.2.2"}));
  EXPECT_EQ(verdict(0), OrphanVerdict::kThere);
}

TEST_F(OrphansTest, ASecondApplyChangesNothingMore) {
  add("192.0.2.2");
  orphan();
  const auto made = apply(0);
  ASSERT_TRUE(made);
  back();
  const std::uint64_t head = log_.head();
  EXPECT_EQ(apply(0)->sequence, made->sequence);
  EXPECT_EQ(log_.head(), head) << "the request is known";
}

TEST_F(OrphansTest, WhatIsMadeAgainSaysWhoMadeItFirstAndWhoWantsIt) {
  add("192.0.2.2");
  orphan();
  ASSERT_TRUE(apply(0));
  const auto entries = *log_->entries().read_after(log_.head() - 1, 1 << 20);
  const Entry entry = *decode_entry(entries.back().octets);
  EXPECT_EQ(entry.actor.name, "ann");
  EXPECT_EQ(entry.actor.reason, fmt::format("orphan {} of {}: wanted", orphans()[0].id(),
                                            orphans()[0].entry.actor.name));
}

TEST_F(OrphansTest, AnRrsetThatAnybodyChangedSinceConflicts) {
  add("192.0.2.2");
  orphan();
  add("192.0.2.3");
  EXPECT_EQ(verdict(0), OrphanVerdict::kConflict)
      << "a record beside those of then, which the change alone does not tell";
  const auto refused = apply(0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kConflict);
  EXPECT_NE(refused.error().detail.find("192.0.2.3"), std::string::npos) << refused.error().detail;
}

TEST_F(OrphansTest, ForcedTheRrsetBecomesWhatTheChangeHadMadeOfIt) {
  add("192.0.2.2");
  orphan();
  add("192.0.2.3");
  ASSERT_TRUE(apply(0, OnConflict::kForce));
  EXPECT_EQ(a_now(), (Texts{"a.example. 60 IN A 192.0.2.1", "a.example. 60 IN A 192.0.2.2"}));
}

TEST_F(OrphansTest, AnotherTtlConflictsToo) {
  set("192.0.2.2");
  orphan();
  RecordEdit edit = set_edit(name("a.example."), "192.0.2.1");
  edit.ttl = 61;
  ASSERT_TRUE(change(*writer_, plan_edits(name("example."), {edit})));
  EXPECT_EQ(verdict(0), OrphanVerdict::kConflict);
}

TEST_F(OrphansTest, ChangesOfOneRrsetFollowEachOther) {
  set("192.0.2.2");
  set("192.0.2.3");
  orphan();
  EXPECT_EQ(verdict(1), OrphanVerdict::kConflict) << "alone";
  OrphanOutlook outlook;
  outlook.add(judge_orphan(orphans()[0], log_->draft(), outlook));
  EXPECT_EQ(verdict(1, outlook), OrphanVerdict::kWould);
  ASSERT_TRUE(apply(0));
  ASSERT_TRUE(apply(1));
  EXPECT_EQ(a_now(), Texts{"a.example. 60 IN A 192.0.2.3"});
}

TEST_F(OrphansTest, WhereNobodyKnowsWhatWasThereMoreThanTheRemovedDataConflicts) {
  add("192.0.2.2");
  orphan();
  Orphan orphan = orphans()[0];
  orphan.before.clear();
  const OrphanView view = judge_orphan(orphan, log_->draft(), {});
  EXPECT_EQ(view.verdict, OrphanVerdict::kConflict);
  const auto plan = plan_orphan(orphan, OnConflict::kForce)(log_->draft());
  ASSERT_TRUE(plan);
  ASSERT_TRUE(change(*writer_, plan_orphan(orphan, OnConflict::kForce)));
  EXPECT_EQ(a_now(), (Texts{"a.example. 60 IN A 192.0.2.1", "a.example. 60 IN A 192.0.2.2"}))
      << "nothing that is there is lost";
}

TEST_F(OrphansTest, CommentsComeWithTheirRecords) {
  edit(RecordEdit::Operation::kAdd, "b.example.", "192.0.2.9",
       {.comment = "nine", .expires = {}, .disabled = {}});
  orphan();
  EXPECT_EQ(verdict(0), OrphanVerdict::kWould);
  ASSERT_TRUE(apply(0));
  const ZoneRecordPtr record = log_->table().find(name("example."));
  ASSERT_EQ(record->notes.all().size(), 1U);
  EXPECT_EQ(record->notes.all().front()->comment, "nine");
}

TEST_F(OrphansTest, ZonesAreMadeByHand) {
  ASSERT_TRUE(change(*writer_, plan_create(name("new."), {}, zone("", "new."))));
  orphan();
  EXPECT_EQ(verdict(0), OrphanVerdict::kByHand);
  EXPECT_EQ(apply(0, OnConflict::kForce).error().code, Errc::kRefused);
}

TEST_F(OrphansTest, OptionsComeBackUnlessTheyWereChangedSince) {
  const auto set_limit = [&](std::uint32_t most) {
    return change(*writer_, plan_options(name("example."), [most](ZoneOptions& options) {
      options.rrset_records_max = most;
    }));
  };
  ASSERT_TRUE(set_limit(7));
  orphan();
  EXPECT_EQ(verdict(0), OrphanVerdict::kThere);
  ASSERT_TRUE(set_limit(0));
  EXPECT_EQ(verdict(0), OrphanVerdict::kWould);
  ASSERT_TRUE(set_limit(9));
  EXPECT_EQ(verdict(0), OrphanVerdict::kConflict);
  ASSERT_TRUE(apply(0, OnConflict::kForce));
  EXPECT_EQ(log_->table().find(name("example."))->options.rrset_records_max, 7U);
}

TEST_F(OrphansTest, WhatWasDecidedIsDurable) {
  add("192.0.2.2");
  add("192.0.2.3");
  orphan();
  EXPECT_EQ(count_open_orphans(store_, LogId::kCluster), 2U);
  ASSERT_TRUE(end_orphan(store_, LogId::kCluster, orphans()[1].entry, OrphanState::kDiscarded,
                         clock_.wall()));
  EXPECT_EQ(count_open_orphans(store_, LogId::kCluster), 1U);
  EXPECT_EQ(orphans()[0].state, OrphanState::kOpen);
  EXPECT_EQ(orphans()[1].state, OrphanState::kDiscarded);
}

TEST_F(OrphansTest, TheWishTravelsWhole) {
  add("192.0.2.2");
  orphan();
  const OrphanWish wish{orphans()[0], OnConflict::kForce, {"ann", "unix", "here", "w\xc3\xa4r"}};
  const auto came = orphan_wish(request_for_orphan(wish));
  ASSERT_TRUE(came);
  EXPECT_EQ(came->actor, wish.actor);
  EXPECT_EQ(came->on_conflict, OnConflict::kForce);
  EXPECT_EQ(came->orphan.before, wish.orphan.before);
  EXPECT_EQ(came->orphan.id(), wish.orphan.id());
  OrphanRequestFrame broken = request_for_orphan(wish);
  broken.entry.pop_back();
  EXPECT_FALSE(orphan_wish(broken));
}

}  // namespace
}  // namespace tandem::test
