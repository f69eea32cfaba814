// Notes on the writer's way: what changes of records do to them is in the same entry, and a restart
// has them again.
#include "common/dns/rdata.h"
#include "common/node/note_plans.h"
#include "primary/update_plan.h"
#include "tests/support/update_text.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

using Lines = std::vector<std::string>;

class WriterNotesTest : public WriterTest {
 protected:
  Result<Receipt> edit(RecordEdit::Operation operation, std::string_view owner,
                       std::string_view data, NoteEdit note) {
    RecordEdit edit;
    edit.operation = operation;
    edit.owner = *Name::from_text(owner, name(kZone));
    edit.type = RrType::kA;
    if (data.starts_with('@')) {
      edit.uses.push_back(*AddressUse::from_text(data.substr(1)));
    } else {
      edit.rdatas.push_back(*rdata_from_text(RrType::kA, data));
    }
    edit.note = std::move(note);
    return change(*writer_, plan_edits(name(kZone), {edit}));
  }

  void comment(std::string_view owner, std::string_view data) {
    const auto done = edit(RecordEdit::Operation::kNote, owner, data,
                           {.comment = "known", .expires = {}, .disabled = {}});
    ASSERT_TRUE(done) << done.error().detail;
    ASSERT_TRUE(done->changed);
  }

  NoteSet notes() { return log_->table().find(name(kZone))->notes; }

  /// Kinds of the changes of the newest entry, by their place in ChangeKind.
  std::vector<std::size_t> newest_kinds() {
    std::vector<std::size_t> kinds;
    for (const Change& each : entry(log_.head()).changes) {
      kinds.push_back(each.kind.index());
    }
    return kinds;
  }

  static constexpr std::size_t kRecords = 2;
  static constexpr std::size_t kNotes = 9;
};

TEST_F(WriterNotesTest, ANoteAloneIsAnEntryAndNoSerial) {
  start_with_zone();
  const Serial before = serial();
  comment("a", "192.0.2.1");
  EXPECT_EQ(serial(), before);
  EXPECT_EQ(newest_kinds(), std::vector<std::size_t>{kNotes});
  EXPECT_EQ(notes().all().size(), 1U);
}

TEST_F(WriterNotesTest, TheNoteGoesWithItsRecordInOneEntry) {
  start_with_zone();
  comment("a", "192.0.2.1");
  const Serial before = serial();
  ASSERT_TRUE(change(*writer_, plan_import(name(kZone), zone("b A 192.0.2.2\n"), {})));
  EXPECT_EQ(newest_kinds(), (std::vector<std::size_t>{kRecords, kNotes}));
  EXPECT_EQ(serial(), before + 1);
  EXPECT_TRUE(notes().empty());
}

TEST_F(WriterNotesTest, AReplacementSettlesAllNotes) {
  start_with_zone();
  comment("a", "192.0.2.1");
  ASSERT_TRUE(change(*writer_, plan_import(name(kZone), zone(large_lines("x")), {})));
  EXPECT_TRUE(notes().empty());
}

TEST_F(WriterNotesTest, AnImportWithNotesHasThem) {
  start_with_zone();
  const NoteSet wanted = *NoteSet::from(
      {{name("b.example."), RrType::kA, {192, 0, 2, 2}, "new", 0, std::nullopt, ""},
       {name("gone.example."), RrType::kA, {192, 0, 2, 2}, "on nothing", 0, std::nullopt, ""}});
  ASSERT_TRUE(change(*writer_, plan_import(name(kZone), zone("b A 192.0.2.2\n"), {}, {}, wanted)));
  ASSERT_EQ(notes().all().size(), 1U);
  EXPECT_EQ(notes().all().front()->comment, "new");
}

TEST_F(WriterNotesTest, AnEditThatSetsOtherDataUnbindsAndSaysSo) {
  start_with_zone();
  ASSERT_TRUE(change(*writer_, plan_address("home4", *AddressValue::from_text("192.0.2.7"))));
  ASSERT_TRUE(edit(RecordEdit::Operation::kAdd, "b", "@home4", {}));
  const auto other = change(*writer_, set_address(kZone, "b", "192.0.2.8"));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->warnings, Lines{"b.example. A does not follow home4 any more"});
  EXPECT_TRUE(notes().empty());
}

TEST_F(WriterNotesTest, AnImportOfOtherDataUnbindsAndSaysSo) {
  start_with_zone();
  ASSERT_TRUE(change(*writer_, plan_address("home4", *AddressValue::from_text("192.0.2.7"))));
  ASSERT_TRUE(edit(RecordEdit::Operation::kAdd, "b", "@home4", {}));
  const auto receipt = change(*writer_, plan_import(name(kZone), zone("b A 192.0.2.9\n"), {}));
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->warnings, Lines{"b.example. A does not follow home4 any more"});
}

TEST_F(WriterNotesTest, ARestartHasNotesAndAddresses) {
  start_with_zone();
  ASSERT_TRUE(change(*writer_, plan_address("home4", *AddressValue::from_text("192.0.2.7"))));
  ASSERT_TRUE(edit(RecordEdit::Operation::kAdd, "b", "@home4", {}));
  const NoteSet before = notes();
  writer_.reset();
  log_.restart();
  EXPECT_EQ(notes(), before);
  EXPECT_EQ(log_->table().addresses(), (AddressBook{{"home4", "192.0.2.7"}}));
}

TEST_F(WriterNotesTest, ManyNotesGoAndComeInOneEntry) {
  std::string lines;
  std::vector<RecordNote> notes;
  for (unsigned i = 0; i < 900; ++i) {
    lines += fmt::format("n{0:03} A 192.0.2.1\n", i);
    notes.push_back({name(fmt::format("n{:03}.example.", i)),
                     RrType::kA,
                     {192, 0, 2, 1},
                     std::string(400, 'c'),
                     0,
                     std::nullopt,
                     ""});
  }
  writer_->start();
  const NoteSet first = *NoteSet::from(notes);
  ASSERT_TRUE(change(*writer_, plan_create(name(kZone), {}, zone(lines), {}, first)));
  for (RecordNote& note : notes) {
    note.comment.front() = 'd';
  }
  const NoteSet second = *NoteSet::from(notes);
  const auto receipt = change(*writer_, plan_import(name(kZone), zone(lines), {}, {}, second));
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(this->notes(), second);
  ASSERT_TRUE(change(*writer_, plan_delete(name(kZone))));
}

TEST_F(WriterNotesTest, WhatIsTooMuchForAnEntryIsRefusedAlone) {
  writer_->start();
  std::vector<std::string> origins;
  for (unsigned i = 0; i < 1500; ++i) {
    origins.push_back(fmt::format("z{}.", i));
    ASSERT_TRUE(change(
        *writer_, plan_create(name(origins.back()), {}, zone("a A 192.0.2.7\n", origins.back()))));
  }
  ASSERT_TRUE(change(*writer_, plan_address("home4", *AddressValue::from_text("192.0.2.7"))));
  std::vector<Name> names;
  std::ranges::transform(origins, std::back_inserter(names), [](const auto& o) { return name(o); });
  const auto release = hold_writer();
  auto large = submit(plan_binding("home4", names));
  auto small = submit(set_address("z0.", "b", "192.0.2.9"));
  release->set_value();
  EXPECT_EQ(large.get().error().code, Errc::kTooLarge);
  EXPECT_TRUE(small.get());
  names.resize(700);
  ASSERT_TRUE(change(*writer_, plan_binding("home4", names)));
  const auto moved =
      change(*writer_, plan_address("home4", *AddressValue::from_text("192.0.2.70")));
  ASSERT_TRUE(moved) << moved.error().detail;
  EXPECT_EQ(log_.lines("z699.")[1], "a.z699. 3600 IN A 192.0.2.70");
}

TEST_F(WriterNotesTest, OneStepMovesTheRecordsAndRaisesTheirZonesOnce) {
  start_with_zone();
  ASSERT_TRUE(change(*writer_, plan_create(name("other."), {}, zone("", "other."))));
  ASSERT_TRUE(change(*writer_, plan_address("home4", *AddressValue::from_text("192.0.2.7"))));
  ASSERT_TRUE(edit(RecordEdit::Operation::kAdd, "b", "@home4", {}));
  ASSERT_TRUE(edit(RecordEdit::Operation::kAdd, "c", "@home4", {}));
  const Serial before = serial();
  const std::uint64_t head = log_.head();
  ASSERT_TRUE(change(*writer_, plan_address("home4", *AddressValue::from_text("192.0.2.70"))));
  EXPECT_EQ(log_.head(), head + 1);
  EXPECT_EQ(serial(), before + 1);
  EXPECT_EQ(log_.answered("other.")->serial(), 1U) << "nothing of it follows";
  EXPECT_EQ(log_.lines(kZone)[2], "b.example. 3600 IN A 192.0.2.70");
  EXPECT_EQ(log_.lines(kZone)[3], "c.example. 3600 IN A 192.0.2.70");
}

TEST_F(WriterNotesTest, WhatAnUpdateAddsExpiresAndLaterWhenItComesAgain) {
  start_with_zone();
  const auto update = [&](std::string_view script, std::int64_t at) {
    auto message = read_update(update_wire(script, kZone));
    EXPECT_TRUE(message);
    const auto done = change(*writer_, plan_update(*std::move(message), std::make_shared<Rcode>(),
                                                   {.at = at, .slack = 10}));
    ASSERT_TRUE(done) << done.error().detail;
  };
  const auto expires = [&] {
    const NoteSet all = notes();
    return all.empty() ? 0 : all.all().front()->expires;
  };
  update("add b 60 A 192.0.2.8\nadd @ 60 NS ns1\n", 1'900'000'000);
  EXPECT_EQ(expires(), 1'900'000'000);
  EXPECT_EQ(notes().all().size(), 1U) << "name servers of the zone stay";
  const std::uint64_t head = log_.head();
  update("add b 60 A 192.0.2.8\n", 1'900'000'010);
  EXPECT_EQ(log_.head(), head) << "hardly later";
  update("add b 60 A 192.0.2.8\nadd b 60 A 192.0.2.8\n", 1'900'000'100);
  EXPECT_EQ(expires(), 1'900'000'100);
  update("add a 60 A 192.0.2.1\n", 1'900'000'100);
  EXPECT_EQ(notes().all().size(), 1U) << "it was there before, and for ever";
  update("delete b A 192.0.2.8\nadd b 60 A 192.0.2.8\n", 1'900'000'200);
  EXPECT_EQ(expires(), 1'900'000'200);
  update("add b 60 A 192.0.2.8\ndelete b A 192.0.2.8\n", 1'900'000'300);
  EXPECT_TRUE(notes().empty());
}

}  // namespace
}  // namespace tandem::test
