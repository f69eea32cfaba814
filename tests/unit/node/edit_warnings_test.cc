// What people are told about their edits of records.
#include "common/node/edit_warnings.h"

#include <gtest/gtest.h>

#include "common/dns/rdata.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using Operation = RecordEdit::Operation;
using Lines = std::vector<std::string>;

constexpr std::int64_t kNow = 1'000'000;

class EditWarningsTest : public ::testing::Test {
 protected:
  static RecordEdit edit(Operation operation, std::string_view owner, const Lines& data,
                         std::optional<RrType> type = RrType::kA) {
    RecordEdit out;
    out.operation = operation;
    out.owner = *Name::from_text(owner, name("example."));
    out.type = type;
    for (const std::string& text : data) {
      out.rdatas.push_back(*rdata_from_text(RrType::kA, text));
    }
    out.asked_at = kNow;
    return out;
  }

  /// Makes the edit and keeps what it comes to; the warnings are those of its plan.
  Lines run(const RecordEdit& edit) {
    TableDraft draft(table_, nullptr);
    const auto plan = plan_edits(name("example."), {edit})(draft);
    EXPECT_TRUE(plan) << plan.error().detail;
    for (const PlannedChange& change : plan->changes) {
      EXPECT_TRUE(draft.apply(std::get<Change>(change)));
    }
    draft.commit({{1, {}}, ++sequence_, {}});
    return plan->warnings;
  }

  void SetUp() override {
    TableDraft draft(table_, nullptr);
    ZoneId id;
    id.octets.fill(4);
    const ZonePtr content = zone("www 600 A 192.0.2.1\nwww 600 A 192.0.2.2\nwww TXT \"x\"\n");
    ASSERT_TRUE(draft.apply({id, ZoneCreate{name("example."), {}}}));
    ASSERT_TRUE(draft.set_content(id, content, content_digest_of(*content)));
    draft.commit({{1, {}}, ++sequence_, {}});
  }

  ZoneTable table_{LogId::kCluster};
  std::uint64_t sequence_ = 0;
};

TEST_F(EditWarningsTest, WhatGoesWithReplacedDataIsTold) {
  RecordEdit note = edit(Operation::kNote, "www", {"192.0.2.1"});
  note.note = {.comment = "the web", .expires = kNow + 100'000, .disabled = {}};
  EXPECT_EQ(run(note), Lines{});
  EXPECT_EQ(run(edit(Operation::kSet, "www", {"192.0.2.1", "192.0.2.9"})), Lines{})
      << "the record is in the set again";
  RecordEdit set = edit(Operation::kSet, "www", {"192.0.2.9"});
  set.note.comment = "the new web";
  EXPECT_EQ(run(set), Lines{"www.example. A 192.0.2.1 is replaced, and its time to go with it: say "
                            "that of the new data if it is meant for it too"})
      << "the comment is another one by intent";
  EXPECT_EQ(run(edit(Operation::kSet, "www", {"192.0.2.10"})),
            Lines{"www.example. A 192.0.2.9 is replaced, and its comment with it: say that of the "
                  "new data if it is meant for it too"});
}

TEST_F(EditWarningsTest, WhoDeletesMeansTheNotesToo) {
  RecordEdit note = edit(Operation::kNote, "www", {"192.0.2.1"});
  note.note.comment = "the web";
  run(note);
  EXPECT_EQ(run(edit(Operation::kDelete, "www", {"192.0.2.1"})), Lines{});
}

TEST_F(EditWarningsTest, ATtlLongerThanTheTimeLeftIsTold) {
  RecordEdit note = edit(Operation::kNote, "www", {"192.0.2.1"});
  note.note.expires = kNow + 600;
  EXPECT_EQ(run(note), Lines{}) << "no longer than the TTL";
  note.note.expires = kNow + 599;
  EXPECT_EQ(run(note), Lines{"www.example. A goes in 599 s, but resolvers may keep it for its TTL, "
                             "600 s: give it a shorter one if that matters"});
}

TEST_F(EditWarningsTest, WhatADeletionDidNotFindIsTold) {
  EXPECT_EQ(run(edit(Operation::kDelete, "wwww", {}, std::nullopt)),
            Lines{"there is nothing at wwww.example.; did you mean \"www\"?"});
  EXPECT_EQ(run(edit(Operation::kDelete, "www", {}, RrType::kAaaa)),
            Lines{"there is no www.example. AAAA; there is A, TXT"});
  EXPECT_EQ(run(edit(Operation::kDelete, "www", {"192.0.2.7"})),
            Lines{"www.example. A is not 192.0.2.7; it is 192.0.2.1, 192.0.2.2"});
  EXPECT_EQ(run(edit(Operation::kDelete, "www", {"192.0.2.2"})), Lines{});
}

TEST_F(EditWarningsTest, ANoteOnWhatIsNotThereSaysWhatIs) {
  RecordEdit note = edit(Operation::kNote, "wwww", {});
  note.note.comment = "x";
  TableDraft draft(table_, nullptr);
  const auto refused = plan_edits(name("example."), {note})(draft);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kNotFound);
  EXPECT_EQ(refused.error().detail, "there is nothing at wwww.example.; did you mean \"www\"?");
}

TEST_F(EditWarningsTest, ADisabledRecordIsThere) {
  RecordEdit note = edit(Operation::kNote, "www", {"192.0.2.2"});
  note.note.disabled = true;
  run(note);
  EXPECT_EQ(run(edit(Operation::kDelete, "www", {"192.0.2.7"})),
            Lines{"www.example. A is not 192.0.2.7; it is 192.0.2.1, 192.0.2.2"});
  EXPECT_EQ(run(edit(Operation::kSet, "www", {"192.0.2.1", "192.0.2.2"})), Lines{})
      << "it is there again";
  run(note);
  EXPECT_EQ(run(edit(Operation::kSet, "www", {"192.0.2.1"})),
            Lines{"www.example. A 192.0.2.2, which was disabled, is replaced"});
}

}  // namespace
}  // namespace tandem::test
