// Plans about named addresses and records that go by themselves.
#include "common/node/note_plans.h"

#include <gtest/gtest.h>

#include "common/dns/rdata.h"
#include "common/node/plans.h"
#include "common/zone/diff.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using Lines = std::vector<std::string>;

class NotePlansTest : public ::testing::Test {
 protected:
  /// Runs the plan as the writer does, but for what it makes of it.
  Result<Plan> run(const Planner& planner) {
    TableDraft draft(table_, nullptr);
    Plan plan = TRY(planner(draft));
    for (const PlannedChange& change : plan.changes) {
      if (const auto* const content = std::get_if<ContentReplacement>(&change)) {
        TRYV(draft.set_content(content->zone, content->content,
                               content_digest_of(*content->content)));
      } else {
        TRYV(draft.apply(std::get<Change>(change)));
      }
    }
    draft.commit({{1, {}}, ++sequence_, {}});
    return plan;
  }

  void create(std::string_view origin, std::string_view lines) {
    ASSERT_TRUE(run(plan_create(name(origin), {}, zone(lines, origin))));
  }

  void set(std::string_view address, std::string_view value) {
    const auto done = run(plan_address(std::string(address), *AddressValue::from_text(value)));
    ASSERT_TRUE(done) << done.error().detail;
  }

  /// A record at `owner` of the zone, with a note.
  void add(std::string_view zone, std::string_view owner, RrType type, std::string_view use,
           NoteEdit note = {}) {
    RecordEdit edit;
    edit.owner = *Name::from_text(owner, name(zone));
    edit.type = type;
    if (use.starts_with('@')) {
      edit.uses.push_back(*AddressUse::from_text(use.substr(1)));
    } else {
      edit.rdatas.push_back(*rdata_from_text(type, use));
    }
    edit.note = std::move(note);
    const auto done = run(plan_edits(name(zone), {edit}));
    ASSERT_TRUE(done) << done.error().detail;
  }

  std::string data(std::string_view owner, RrType type) {
    std::string out;
    for (const ZoneRecordPtr& record : table_.all()) {
      if (const auto set = record->zone->find_rrset(name(owner), type)) {
        for (const Octets& rdata : set->rdatas) {
          out += rdata_to_text(type, rdata) + " ";
        }
      }
    }
    return out;
  }

  ZoneTable table_{LogId::kCluster};
  std::uint64_t sequence_ = 0;
};

TEST_F(NotePlansTest, OneChangeMovesTheRecordsOfAllZones) {
  create("one.", "");
  create("two.", "");
  create("three.", "");
  set("home4", "192.0.2.1");
  set("home6", "2001:db8:1:2::/64");
  add("one.", "@", RrType::kA, "@home4");
  add("one.", "www", RrType::kAaaa, "@home6+::80");
  add("two.", "a", RrType::kA, "@home4");
  const auto moved = run(plan_address("home4", *AddressValue::from_text("192.0.2.7")));
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->changes.size(), 5U) << "the address, and records and notes of two zones";
  EXPECT_EQ(data("one.", RrType::kA), "192.0.2.7 ");
  EXPECT_EQ(data("a.two.", RrType::kA), "192.0.2.7 ");
  EXPECT_EQ(data("www.one.", RrType::kAaaa), "2001:db8:1:2::80 ");
  set("home6", "2001:db8:9::/48");
  EXPECT_EQ(data("www.one.", RrType::kAaaa), "2001:db8:9::80 ");
  EXPECT_TRUE(run(plan_address("home4", *AddressValue::from_text("192.0.2.7")))->changes.empty());
}

TEST_F(NotePlansTest, AValueThatFollowersCannotHaveIsRefused) {
  create("one.", "");
  set("home6", "2001:db8:1:2::/64");
  add("one.", "www", RrType::kAaaa, "@home6+::1:0:0:80");
  for (const std::string_view bad : {"192.0.2.1", "2001:db8::1", "2001:db8:1:2:3::/80"}) {
    const auto refused = run(plan_address("home6", *AddressValue::from_text(bad)));
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Errc::kInvalid);
    EXPECT_NE(refused.error().detail.find("www.one. AAAA follows it"), std::string::npos);
  }
}

TEST_F(NotePlansTest, RecordsOfAForgottenAddressStay) {
  create("one.", "");
  set("home4", "192.0.2.1");
  add("one.", "www", RrType::kA, "@home4");
  const auto done = run(plan_address_removal("home4"));
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(done->warnings,
            Lines{"www.one. A does not follow home4 any more: there is no address home4"});
  EXPECT_EQ(data("www.one.", RrType::kA), "192.0.2.1 ");
  EXPECT_TRUE(table_.noted().empty());
  EXPECT_EQ(run(plan_address_removal("home4")).error().code, Errc::kNotFound);
}

TEST_F(NotePlansTest, BindingTakesTheRecordsThatHaveTheAddress) {
  create("one.", "a A 192.0.2.5\nb A 192.0.2.6\nc AAAA 2001:db8:1:2::9\n");
  create("two.", "a A 192.0.2.5\n");
  set("home4", "192.0.2.5");
  set("home6", "2001:db8:1:2::/64");
  ASSERT_TRUE(run(plan_binding("home4", {name("one."), name("two."), name("one.")})));
  ASSERT_TRUE(run(plan_binding("home6", {name("one.")})));
  EXPECT_TRUE(run(plan_binding("home4", {name("one."), name("one.")}))->changes.empty())
      << "they follow already";
  set("home4", "192.0.2.50");
  set("home6", "2001:db8:7::/64");
  EXPECT_EQ(data("a.one.", RrType::kA), "192.0.2.50 ");
  EXPECT_EQ(data("b.one.", RrType::kA), "192.0.2.6 ");
  EXPECT_EQ(data("c.one.", RrType::kAaaa), "2001:db8:7::9 ");
  EXPECT_EQ(data("a.two.", RrType::kA), "192.0.2.50 ");
  EXPECT_EQ(run(plan_binding("home4", {name("no.")})).error().code, Errc::kNotFound);
  EXPECT_EQ(run(plan_binding("away", {name("one.")})).error().code, Errc::kNotFound);
}

TEST_F(NotePlansTest, RecordsGoWhenTheirTimeIsUp) {
  create("one.", "");
  const NoteEdit at_100{.comment = {}, .expires = 100, .disabled = {}};
  const NoteEdit disabled_at_100{.comment = {}, .expires = 100, .disabled = true};
  const NoteEdit at_200{.comment = {}, .expires = 200, .disabled = {}};
  add("one.", "a", RrType::kA, "192.0.2.5", at_100);
  add("one.", "b", RrType::kA, "192.0.2.5", disabled_at_100);
  add("one.", "c", RrType::kA, "192.0.2.5", at_200);
  const ZoneId id = table_.find(name("one."))->id;
  EXPECT_TRUE(run(plan_expiry(id, 99))->changes.empty());
  EXPECT_TRUE(table_.with_expired(99, 10).empty());
  EXPECT_EQ(table_.with_expired(100, 10), std::vector{id});
  ASSERT_TRUE(run(plan_expiry(id, 100)));
  EXPECT_EQ(data("a.one.", RrType::kA), "");
  EXPECT_EQ(data("c.one.", RrType::kA), "192.0.2.5 ");
  ASSERT_EQ(table_.noted().size(), 1U);
  EXPECT_EQ(table_.noted().front()->notes.all().size(), 1U);
  EXPECT_TRUE(table_.with_expired(100, 10).empty());
  ASSERT_TRUE(run(plan_expiry(id, 1000)));
  EXPECT_TRUE(table_.noted().empty());
  EXPECT_TRUE(table_.with_expired(1000, 10).empty());
}

TEST_F(NotePlansTest, ManyExpireInSeveralSteps) {
  std::string lines;
  std::vector<RecordNote> notes;
  for (unsigned i = 0; i < 1500; ++i) {
    lines += fmt::format("n{0:04} A 192.0.2.1\n", i);
    notes.push_back({name(fmt::format("n{:04}.one.", i)),
                     RrType::kA,
                     {192, 0, 2, 1},
                     "",
                     100,
                     std::nullopt,
                     ""});
  }
  ASSERT_TRUE(run(plan_create(name("one."), {}, zone(lines, "one."), {}, *NoteSet::from(notes))));
  const ZoneId id = table_.find(name("one."))->id;
  ASSERT_TRUE(run(plan_expiry(id, 100)));
  EXPECT_EQ(table_.noted().front()->notes.all().size(), 500U);
  ASSERT_TRUE(run(plan_expiry(id, 100)));
  EXPECT_TRUE(table_.noted().empty());
}

TEST_F(NotePlansTest, WhatAZoneAlwaysHasDoesNotExpire) {
  create("one.", "");
  RecordEdit edit;
  edit.operation = RecordEdit::Operation::kNote;
  edit.owner = name("one.");
  edit.type = RrType::kNs;
  edit.note.expires = 100;
  EXPECT_EQ(run(plan_edits(name("one."), {edit})).error().code, Errc::kInvalid);
  edit.type = RrType::kSoa;
  edit.note = {.comment = "x", .expires = {}, .disabled = {}};
  EXPECT_EQ(run(plan_edits(name("one."), {edit})).error().code, Errc::kInvalid);
}

TEST_F(NotePlansTest, WhatAZoneAlwaysHasIsNotDisabled) {
  create("one.", "");
  RecordEdit edit;
  edit.operation = RecordEdit::Operation::kNote;
  edit.owner = name("one.");
  edit.note = {.comment = {}, .expires = {}, .disabled = true};
  const auto refusal = [&](RrType type) {
    edit.type = type;
    const auto refused = run(plan_edits(name("one."), {edit}));
    EXPECT_FALSE(refused);
    return refused ? std::string() : refused.error().detail;
  };
  EXPECT_NE(refusal(RrType::kSoa).find("every zone has one"), std::string::npos);
  EXPECT_NE(refusal(RrType::kNs).find("the last one cannot be disabled"), std::string::npos);
  RecordEdit second = edit;
  second.operation = RecordEdit::Operation::kAdd;
  second.note = {};
  second.rdatas = {*rdata_from_text(RrType::kNs, "ns2.other.")};
  ASSERT_TRUE(run(plan_edits(name("one."), {second})));
  edit.rdatas = second.rdatas;
  EXPECT_TRUE(run(plan_edits(name("one."), {edit}))) << "the other one is left";
}

TEST_F(NotePlansTest, WhatIsAddedAgainExpiresLater) {
  const auto records_in = [](const Octets& octets) {
    std::vector<PackedRecord> records;
    RrUnpacker each(octets);
    while (const auto record = each.next()) {
      records.push_back(*record);
    }
    return records;
  };
  const Octets both = packed("a 60 IN TXT \"x\"\nb 60 IN TXT \"x\"\n");
  const Octets one = packed("b 60 IN TXT \"x\"\n");
  const ZoneNotesChange first = expiring({}, records_in(both), 100, 10);
  const NoteSet notes = *NoteSet().changed(first.removed, first.added);
  EXPECT_TRUE(expiring(notes, records_in(one), 110, 10).added.empty()) << "that is hardly later";
  const ZoneNotesChange second = expiring(notes, records_in(one), 200, 10);
  const NoteSet after = *notes.changed(second.removed, second.added);
  EXPECT_EQ(after.all().front()->expires, 100);
  EXPECT_EQ(after.all().back()->expires, 200);
}

TEST_F(NotePlansTest, ZonesSignedElsewhereAreLeftAlone) {
  create("one.", "a A 192.0.2.5\nb A 192.0.2.5\n");
  const ZonePtr plain = table_.find(name("one."))->zone;
  const Changeset signature = changeset(
      "", "one. 3600 IN RRSIG SOA 13 1 3600 20300101000000 20200101000000 1 one. aGVsbG8=\n",
      "one.");
  const ZonePtr as_signed = *plain->apply(std::span(&signature, 1), ZoneLimits{});
  set("home4", "192.0.2.5");
  ASSERT_TRUE(run(plan_binding("home4", {name("one.")})));
  const NoteSet bound = table_.find(name("one."))->notes;
  ASSERT_EQ(bound.all().size(), 2U);
  const Changeset newer = serial_change(*as_signed, 9);
  const ZonePtr next = *as_signed->apply(std::span(&newer, 1), ZoneLimits{});
  const auto imported = run(plan_import(name("one."), next, IfMissing::kRefuse, {}, bound));
  ASSERT_TRUE(imported) << imported.error().detail;
  EXPECT_TRUE(table_.noted().empty());
  const auto refused = run(plan_binding("home4", {name("one.")}));
  EXPECT_TRUE(refused->changes.empty());
  EXPECT_EQ(refused->warnings, Lines{"one. was signed elsewhere: its records follow no address"});
  set("home4", "192.0.2.6");
  EXPECT_EQ(data("a.one.", RrType::kA), "192.0.2.5 ");
}

TEST_F(NotePlansTest, TwoLinesAtOneNameMeetAndPart) {
  create("one.", "");
  set("home4", "192.0.2.1");
  set("home5", "192.0.2.2");
  add("one.", "www", RrType::kA, "@home4");
  add("one.", "www", RrType::kA, "@home5");
  set("home4", "192.0.2.2");
  EXPECT_EQ(data("www.one.", RrType::kA), "192.0.2.2 ") << "one line is down";
  set("home4", "192.0.2.7");
  EXPECT_EQ(data("www.one.", RrType::kA), "192.0.2.2 192.0.2.7 ");
  set("home5", "192.0.2.3");
  EXPECT_EQ(data("www.one.", RrType::kA), "192.0.2.3 192.0.2.7 ");
}

TEST_F(NotePlansTest, ADeletedZoneTakesItsNotesAndARestoredOneHasThem) {
  create("one.", "");
  set("home4", "192.0.2.1");
  add("one.", "www", RrType::kA, "@home4");
  const ZoneRecordPtr record = table_.find(name("one."));
  ASSERT_TRUE(run(plan_delete(name("one."))));
  EXPECT_TRUE(table_.noted().empty());
  set("home4", "192.0.2.99");
  ASSERT_TRUE(run(plan_create(name("one."), {}, record->zone, {}, record->notes)));
  EXPECT_EQ(data("www.one.", RrType::kA), "192.0.2.99 ") << "what it is today";
  EXPECT_TRUE(is_newer(table_.find(name("one."))->zone->serial(), record->zone->serial()))
      << "others have another content of that serial";
  EXPECT_EQ(table_.noted().size(), 1U);
}

TEST_F(NotePlansTest, ARevertBringsNotesBackWithTheAddressesOfToday) {
  create("one.", "");
  set("home4", "192.0.2.1");
  add("one.", "www", RrType::kA, "@home4");
  const ZoneRecordPtr then = table_.find(name("one."));
  RecordEdit gone;
  gone.operation = RecordEdit::Operation::kDelete;
  gone.owner = name("www.one.");
  ASSERT_TRUE(run(plan_edits(name("one."), {gone})));
  set("home4", "192.0.2.77");
  ASSERT_TRUE(run(plan_revert(name("one."), {then->zone, then->notes})));
  EXPECT_EQ(data("www.one.", RrType::kA), "192.0.2.77 ");
}

}  // namespace
}  // namespace tandem::test
