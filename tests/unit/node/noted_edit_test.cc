// Edits of records together with their notes, and what changes of records do to notes.
#include "common/node/noted_edit.h"

#include <gtest/gtest.h>

#include "common/dns/rdata.h"
#include "common/node/plans.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using Operation = RecordEdit::Operation;
using Lines = std::vector<std::string>;

Octets address(std::string_view text) {
  return *rdata_from_text(RrType::kA, text);
}

RecordEdit edit(Operation operation, std::string_view owner, const std::vector<std::string>& data,
                NoteEdit note = {}) {
  RecordEdit out;
  out.operation = operation;
  out.owner = *Name::from_text(owner, name("example."));
  out.type = RrType::kA;
  for (const std::string& text : data) {
    if (text.starts_with('@')) {
      out.uses.push_back(*AddressUse::from_text(std::string_view(text).substr(1)));
    } else {
      out.rdatas.push_back(address(text));
    }
  }
  out.note = std::move(note);
  return out;
}

NoteEdit comment(std::string text) {
  return {.comment = std::move(text), .expires = {}, .disabled = {}};
}

NoteEdit disabled(bool is) {
  return {.comment = {}, .expires = {}, .disabled = is};
}

class NotedEditTest : public ::testing::Test {
 protected:
  void run(const std::vector<RecordEdit>& edits) {
    const auto change = edit_records(*zone_, notes_, book_, edits);
    ASSERT_TRUE(change) << change.error().detail;
    take(*change);
  }

  void take(const NotedChange& change) {
    if (!change.records.empty()) {
      zone_ = *zone_->apply(std::span(&change.records, 1), ZoneLimits{});
    }
    const auto next = notes_.changed(change.notes.removed, change.notes.added);
    ASSERT_TRUE(next) << next.error().detail;
    notes_ = *next;
  }

  /// The A records at a, b and c.
  Lines records() const {
    Lines lines = lines_of(*zone_);
    std::erase_if(lines, [](const std::string& line) {
      return line.starts_with("example. ") || line.starts_with("ns1.");
    });
    return lines;
  }

  Lines notes() const {
    Lines lines;
    for (const NoteSet::Item& note : notes_.all()) {
      lines.push_back(fmt::format("{} {} {}|{}|{}|{}", note->owner.to_text(),
                                  rdata_to_text(note->type, note->rdata), note->comment,
                                  note->expires, note->disabled_ttl.value_or(0), note->address));
    }
    return lines;
  }

  ZonePtr zone_ = zone("a 600 A 192.0.2.1\na 600 A 192.0.2.2\n");
  NoteSet notes_;
  AddressBook book_ = {{"home4", "192.0.2.9"}};
};

TEST_F(NotedEditTest, ANoteStaysOnItsRecordAsLongAsThatIsThere) {
  run({edit(Operation::kNote, "a", {"192.0.2.1"}, comment("first"))});
  EXPECT_EQ(notes(), Lines{"a.example. 192.0.2.1 first|0|0|"});
  run({edit(Operation::kAdd, "a", {"192.0.2.3"})});
  EXPECT_EQ(notes().size(), 1U);
  run({edit(Operation::kSet, "a", {"192.0.2.1", "192.0.2.4"})});
  EXPECT_EQ(notes(), Lines{"a.example. 192.0.2.1 first|0|0|"}) << "it is in the set again";
  run({edit(Operation::kSet, "a", {"192.0.2.4"})});
  EXPECT_EQ(notes(), Lines{});
}

TEST_F(NotedEditTest, AnEmptyCommentIsNoNote) {
  run({edit(Operation::kNote, "a", {}, comment("both"))});
  EXPECT_EQ(notes().size(), 2U);
  run({edit(Operation::kNote, "a", {}, comment(""))});
  EXPECT_EQ(notes(), Lines{});
}

TEST_F(NotedEditTest, ANoteNeedsItsRecord) {
  for (const auto& edits : {edit(Operation::kNote, "a", {"192.0.2.7"}, comment("x")),
                            edit(Operation::kNote, "b", {}, comment("x"))}) {
    const auto change = edit_records(*zone_, notes_, book_, {edits});
    ASSERT_FALSE(change);
    EXPECT_EQ(change.error().code, Errc::kNotFound);
  }
}

TEST_F(NotedEditTest, ADisabledRecordIsKeptAndComesBackAsItWas) {
  const Lines before = records();
  run({edit(Operation::kNote, "a", {}, disabled(true))});
  EXPECT_EQ(records(), Lines{});
  EXPECT_EQ(notes(), (Lines{"a.example. 192.0.2.1 |0|600|", "a.example. 192.0.2.2 |0|600|"}));
  run({edit(Operation::kNote, "a", {}, disabled(false))});
  EXPECT_EQ(records(), before);
  EXPECT_EQ(notes(), Lines{});
}

TEST_F(NotedEditTest, ARecordCanBeAddedDisabled) {
  run({edit(Operation::kAdd, "b", {"192.0.2.5"}, disabled(true))});
  EXPECT_EQ(records().size(), 2U);
  EXPECT_EQ(notes(), Lines{"b.example. 192.0.2.5 |0|3600|"});
  run({edit(Operation::kAdd, "b", {"192.0.2.5"})});
  EXPECT_EQ(records().back(), "b.example. 3600 IN A 192.0.2.5");
  EXPECT_EQ(notes(), Lines{});
}

TEST_F(NotedEditTest, DeletingASetOrANameTakesWhatIsDisabledToo) {
  run({edit(Operation::kNote, "a", {"192.0.2.1"}, disabled(true))});
  run({edit(Operation::kDelete, "a", {})});
  EXPECT_EQ(notes(), Lines{});
  run({edit(Operation::kAdd, "b", {"192.0.2.5"}, disabled(true))});
  RecordEdit all = edit(Operation::kDelete, "b", {});
  all.type.reset();
  run({all});
  EXPECT_EQ(notes(), Lines{});
}

TEST_F(NotedEditTest, ARecordFollowsAnAddress) {
  run({edit(Operation::kAdd, "b", {"@home4"}, comment("here"))});
  EXPECT_EQ(records().back(), "b.example. 3600 IN A 192.0.2.9");
  EXPECT_EQ(notes(), Lines{"b.example. 192.0.2.9 here|0|0|home4"});
  run({edit(Operation::kDelete, "b", {"@home4"})});
  EXPECT_EQ(records().size(), 2U);
  EXPECT_EQ(notes(), Lines{});
}

TEST_F(NotedEditTest, FollowingMovesRecordsAndTheirNotes) {
  run({edit(Operation::kAdd, "a", {"@home4"}, comment("here")),
       edit(Operation::kAdd, "b", {"@home4"}, disabled(true))});
  std::vector<std::string> warnings;
  NotedEdit next(*zone_, notes_);
  next.follow({{"home4", "192.0.2.2"}}, warnings);
  take(next.take());
  EXPECT_EQ(records(), (Lines{"a.example. 600 IN A 192.0.2.1", "a.example. 600 IN A 192.0.2.2"}))
      << "it joins the record that has the address already";
  EXPECT_EQ(notes(),
            (Lines{"a.example. 192.0.2.2 here|0|0|= home4", "b.example. 192.0.2.2 |0|3600|home4"}));
  EXPECT_TRUE(warnings.empty());
}

TEST_F(NotedEditTest, WhatFollowsNothingKeepsItsData) {
  run({edit(Operation::kAdd, "b", {"@home4"})});
  const Lines before = records();
  std::vector<std::string> warnings;
  NotedEdit next(*zone_, notes_);
  next.follow({}, warnings);
  take(next.take());
  EXPECT_EQ(records(), before);
  EXPECT_EQ(notes(), Lines{});
  EXPECT_EQ(warnings,
            Lines{"b.example. A does not follow home4 any more: there is no address home4"});
}

TEST_F(NotedEditTest, ARecordOfItsOwnStaysWhenWhatJoinedItMovesOn) {
  run({edit(Operation::kAdd, "a", {"@home4"})});
  for (const char* const next_value : {"192.0.2.2", "192.0.2.8"}) {
    std::vector<std::string> warnings;
    NotedEdit next(*zone_, notes_);
    next.follow({{"home4", next_value}}, warnings);
    take(next.take());
  }
  EXPECT_EQ(records(), (Lines{"a.example. 600 IN A 192.0.2.1", "a.example. 600 IN A 192.0.2.2",
                              "a.example. 600 IN A 192.0.2.8"}));
  EXPECT_EQ(notes(), Lines{"a.example. 192.0.2.8 |0|0|home4"});
}

TEST_F(NotedEditTest, AddressesCanChangePlaces) {
  book_["home5"] = "192.0.2.10";
  run({edit(Operation::kSet, "a", {"@home4", "@home5"})});
  std::vector<std::string> warnings;
  NotedEdit next(*zone_, notes_);
  next.follow({{"home4", "192.0.2.10"}, {"home5", "192.0.2.9"}}, warnings);
  take(next.take());
  EXPECT_EQ(records(), (Lines{"a.example. 600 IN A 192.0.2.9", "a.example. 600 IN A 192.0.2.10"}));
  EXPECT_EQ(notes(),
            (Lines{"a.example. 192.0.2.9 |0|0|home5", "a.example. 192.0.2.10 |0|0|home4"}));
}

TEST_F(NotedEditTest, WhatIsBroughtBackDoesNotGoAtOnce) {
  const auto at = [](std::string_view owner, std::string_view data, std::int64_t expires,
                     std::optional<std::uint32_t> disabled_ttl = {}) {
    return RecordNote{name(owner), RrType::kA, address(data), "", expires, disabled_ttl, ""};
  };
  RecordNote known = at("a.example.", "192.0.2.1", 100);
  known.comment = "known";
  std::vector<std::string> warnings;
  const NoteSet left = without_past(
      {zone_,
       *NoteSet::from({known, at("a.example.", "192.0.2.2", 101),
                       at("b.example.", "192.0.2.5", 100), at("c.example.", "192.0.2.5", 99, 60)})},
      100, warnings);
  ASSERT_EQ(left.all().size(), 3U);
  EXPECT_EQ(left.all().front()->comment, "known");
  EXPECT_EQ(left.all().front()->expires, 0);
  EXPECT_EQ(left.next_expiry(), 101);
  EXPECT_EQ(warnings,
            (Lines{"a.example. A 192.0.2.1 comes back without its time, which is over: it stays "
                   "until it is deleted",
                   "c.example. A 192.0.2.5 comes back without its time, which is over: it stays "
                   "until it is deleted"}))
      << "b is not in the zone";
}

TEST_F(NotedEditTest, SettledNotesAreOnWhatIsThereOrDisabled) {
  const NoteSet loose = *NoteSet::from(
      {{name("a.example."), RrType::kA, address("192.0.2.1"), "", 0, 60, ""},
       {name("a.example."), RrType::kA, address("192.0.2.2"), "kept", 0, std::nullopt, ""},
       {name("b.example."), RrType::kA, address("192.0.2.5"), "ghost", 0, std::nullopt, "home4"}});
  std::vector<std::string> warnings;
  const auto content = settled({zone_, loose}, book_, ZoneLimits{}, warnings);
  ASSERT_TRUE(content) << content.error().detail;
  EXPECT_EQ(content->zone, zone_);
  ASSERT_EQ(content->notes.all().size(), 1U);
  EXPECT_EQ(content->notes.all().front()->comment, "kept");
  EXPECT_EQ(warnings, Lines{"b.example. A does not follow home4 any more"});
}

TEST_F(NotedEditTest, NotesSettleByWhatChangesOfRecordsLeave) {
  run({edit(Operation::kNote, "a", {"192.0.2.1"}, comment("goes")),
       edit(Operation::kNote, "a", {"192.0.2.2"}, comment("stays")),
       edit(Operation::kAdd, "b", {"192.0.2.5"}, disabled(true)),
       edit(Operation::kAdd, "c", {"@home4"})});
  const Changeset update =
      changeset("a 600 A 192.0.2.1\nc A 192.0.2.9", "b A 192.0.2.5\nc A 192.0.2.8");
  zone_ = *zone_->apply(std::span(&update, 1), ZoneLimits{});
  for (const Changeset* const records : {&update, static_cast<const Changeset*>(nullptr)}) {
    std::vector<std::string> warnings;
    const ZoneNotesChange change = settle_notes(notes_, *zone_, records, warnings);
    const NoteSet next = *notes_.changed(change.removed, change.added);
    ASSERT_EQ(next.all().size(), 1U);
    EXPECT_EQ(next.all().front()->comment, "stays");
    EXPECT_EQ(warnings, Lines{"c.example. A does not follow home4 any more"});
  }
}

}  // namespace
}  // namespace tandem::test
