// What is noted about records: sets of it change by exactly what is said, and hold to their limits.
#include "common/zone/record_note.h"

#include <gtest/gtest.h>

#include "tests/unit/log/sample_entries.h"

namespace tandem {
namespace {

using testing::disabled_note;
using testing::name_of;
using testing::noted_records;

NoteSet set_of(std::vector<RecordNote> notes) {
  const auto set = NoteSet::from(std::move(notes));
  EXPECT_TRUE(set) << set.error().detail;
  return set.value_or(NoteSet());
}

TEST(NoteSet, FindsARecordByItsDataInAnyCase) {
  RecordNote alias{name_of("www.example."),
                   RrType::kCname,
                   to_octets(name_of("Web.example.").wire()),
                   "x",
                   0,
                   {},
                   {}};
  const NoteSet set = set_of({alias});
  const Octets lower = to_octets(name_of("web.example.").wire());
  ASSERT_NE(set.find(name_of("WWW.example."), RrType::kCname, lower), nullptr);
  EXPECT_EQ(set.find(name_of("www.example."), RrType::kCname, lower)->comment, "x");
  EXPECT_EQ(set.find(name_of("www.example."), RrType::kNs, lower), nullptr);
  EXPECT_EQ(set.find(name_of("web.example."), RrType::kCname, lower), nullptr);
}

TEST(NoteSet, ChangesByWhatIsSaidAndBack) {
  const NoteSet before = set_of(noted_records());
  const std::vector<RecordNote> gone = {noted_records()[0]};
  const std::vector<RecordNote> come = {disabled_note()};
  const auto after = before.changed(gone, come);
  ASSERT_TRUE(after) << after.error().detail;
  EXPECT_EQ(after->all().size(), 2U);
  EXPECT_EQ(*after->changed(come, gone), before);
  EXPECT_EQ(after->changed(gone, {}).error().code, Errc::kConflict) << "it is not there any more";
  EXPECT_EQ(after->changed({}, come).error().code, Errc::kConflict) << "it is there";
  std::vector<RecordNote> other = come;
  other[0].comment = "another";
  EXPECT_EQ(after->changed(other, {}).error().code, Errc::kConflict) << "it says something else";
}

TEST(NoteSet, KnowsItsFirstExpiry) {
  std::vector<RecordNote> notes = noted_records();
  EXPECT_EQ(set_of(notes).next_expiry(), 1'900'000'000);
  notes[0].expires = 1'800'000'000;
  EXPECT_EQ(set_of(notes).next_expiry(), 1'800'000'000);
  EXPECT_EQ(NoteSet().next_expiry(), 0);
}

TEST(NoteSet, GivesTheNotesOfANameAndOfASet) {
  std::vector<RecordNote> notes = noted_records();
  notes.push_back({name_of("b.example."), RrType::kTxt, {1, 'z'}, "last", 0, std::nullopt, ""});
  const NoteSet set = set_of(notes);
  EXPECT_EQ(set.at(name_of("B.example.")).size(), 2U);
  EXPECT_EQ(set.of(name_of("b.example."), RrType::kTxt).back()->comment, "last");
  EXPECT_TRUE(set.of(name_of("b.example."), RrType::kA).empty());
  EXPECT_TRUE(set.at(name_of("c.example.")).empty());
}

TEST(NoteSet, HasALimitOfOctets) {
  std::vector<RecordNote> many;
  for (unsigned i = 0; i < 2000; ++i) {
    many.push_back({name_of("a.example."),
                    RrType::kA,
                    {192, 0, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)},
                    std::string(300, 'c'),
                    0,
                    std::nullopt,
                    ""});
  }
  EXPECT_EQ(NoteSet().changed({}, many).error().code, Errc::kTooLarge);
  EXPECT_EQ(NoteSet::from(many).error().code, Errc::kInvalid);
}

TEST(CheckNote, KnowsWhatAnAddressLooksLike) {
  RecordNote note{name_of("a.example."), RrType::kA, {192, 0, 2, 1}, "", 0, std::nullopt, ""};
  for (const char* const good : {"home4", "home6+::53", "home4 home5", "= home4"}) {
    note.address = good;
    EXPECT_TRUE(check_note(note)) << good;
  }
  for (const char* const bad : {"home4+\x1b[2J", "+::1", "home4  home5", "a b!", "home4 +"}) {
    note.address = bad;
    EXPECT_FALSE(check_note(note)) << bad;
  }
  note.type = RrType::kSoa;
  EXPECT_FALSE(check_note(note));
}

TEST(CheckAddressName, TakesSmallWordsOnly) {
  for (const std::string_view good : {"a", "home4", "office-v6", "x_1"}) {
    EXPECT_TRUE(check_address_name(good)) << good;
  }
  for (const std::string_view bad : {"", "4home", "Home", "a+b", "a b", "-a", "h\xc3\xb6me"}) {
    EXPECT_FALSE(check_address_name(bad)) << bad;
  }
  EXPECT_FALSE(check_address_name(std::string(64, 'a')));
}

}  // namespace
}  // namespace tandem
