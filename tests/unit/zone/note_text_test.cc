// Notes in the comments of an exported zone, from which they come back.
#include "common/zone/note_text.h"

#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

std::vector<RecordNote> sample() {
  return {{name("a.example."), RrType::kA, {192, 0, 2, 1}, "B\xc3\xbcro; \"x\"", 0, {}, "home4"},
          {name("b.example."), RrType::kTxt, {1, ';'}, "", 1'900'000'000, 300, ""}};
}

TEST(NoteLines, ComeBackAsTheyWere) {
  const NoteSet notes = *NoteSet::from(sample());
  const std::string lines = note_lines(notes);
  EXPECT_EQ(lines,
            "; @note {\"name\":\"a.example.\",\"type\":\"A\",\"data\":\"192.0.2.1\","
            "\"comment\":\"B\xc3\xbcro; \\\"x\\\"\",\"address\":\"home4\"}\n"
            "; @note {\"name\":\"b.example.\",\"type\":\"TXT\",\"data\":\"\\\";\\\"\","
            "\"expires\":\"2030-03-17T17:46:40Z\",\"disabled\":true,\"ttl\":300}\n");
  const NotesInText back = notes_in("@ SOA a b 1 1 1 1 1\n" + lines, name("example."), "f");
  EXPECT_TRUE(back.findings.empty()) << back.findings.front().to_line();
  EXPECT_EQ(back.notes, notes);
}

TEST(NoteLines, AreOnlyThoseThatBeginALine) {
  const NotesInText none = notes_in("a A 192.0.2.1 ; @note {}\n;@note x\n", name("example."), "f");
  EXPECT_TRUE(none.findings.empty());
  EXPECT_FALSE(none.notes);
}

TEST(NoteLines, SayWhatIsWrongInWhichLine) {
  const std::pair<const char*, const char*> rows[] = {
      {"{", "no JSON object"},
      {"[]", "no JSON object"},
      {R"({"name":"a.example.","type":"A","data":"192.0.2.1"})", "says nothing"},
      {R"({"name":"a.example.","type":"A","data":"x","comment":"c"})", ""},
      {R"({"name":"a.other.","type":"A","data":"192.0.2.1","comment":"c"})", "no record of"},
      {R"({"name":"a.example.","type":"Q","data":"192.0.2.1","comment":"c"})", "no record of"},
      {R"({"name":"a.example.","type":"A","data":"192.0.2.1","note":"c"})", "unknown member"},
      {R"({"name":"a.example.","type":"A","data":"192.0.2.1","expires":"soon"})", "\"expires\" is"},
      {R"({"name":"a.example.","type":"A","data":"192.0.2.1","expires":"12h"})", "\"expires\" is"},
      {R"({"name":"example.","type":"SOA","data":"a. b. 1 1 1 1 1","comment":"c"})",
       "of this type"},
  };
  for (const auto& [line, what] : rows) {
    const NotesInText notes =
        notes_in(fmt::format("\n\n; @note {}\n", line), name("example."), "f.zone");
    ASSERT_EQ(notes.findings.size(), 1U) << line;
    EXPECT_FALSE(notes.notes);
    const std::string found = notes.findings.front().to_line();
    EXPECT_EQ(found.find("f.zone:3:1: error: the note: "), 0U) << found;
    EXPECT_NE(found.find(what), std::string::npos) << found;
  }
}

TEST(NoteLines, AreOnePerRecord) {
  const std::string once = note_lines(*NoteSet::from(sample()));
  const NotesInText twice = notes_in(once + once, name("example."), "f.zone");
  ASSERT_EQ(twice.findings.size(), 2U);
  EXPECT_EQ(twice.findings.front().to_line(),
            "f.zone:3:1: error: a second note on a.example. A 192.0.2.1");
}

TEST(ExpiryFromText, TakesTimesAndDurations) {
  EXPECT_EQ(expiry_from_text("never", 1000), 0);
  EXPECT_EQ(expiry_from_text("90", 1000), 1090);
  EXPECT_EQ(expiry_from_text("12h", 1000), 1000 + 12 * 3600);
  EXPECT_EQ(expiry_from_text("30d", 1000), 1000 + 30 * 86400);
  EXPECT_EQ(expiry_from_text("2030-03-17", 0), 1'899'936'000);
  EXPECT_EQ(expiry_from_text("2030-03-17T17:46:40Z", 0), 1'900'000'000);
  for (const std::string_view bad : {"", "0", "-1", "soon", "2030-13-01", "2030-03-17T25:00:00Z",
                                     "2030-03-17 x", "1960-01-01"}) {
    EXPECT_FALSE(expiry_from_text(bad, 1000)) << bad;
  }
}

TEST(ExpiryFromText, RefusesWhatIsOver) {
  EXPECT_FALSE(expiry_from_text("2030-03-17", 1'900'000'000)) << "a wrong year deletes a record";
  EXPECT_EQ(expiry_from_text("2030-03-17", std::nullopt), 1'899'936'000);
}

}  // namespace
}  // namespace tandem::test
