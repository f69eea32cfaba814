// Notes as JSON, and the comments of an exported zone from which they come back.
#include "common/api/note_json.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

namespace json = boost::json;

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
  const auto back = notes_in("@ SOA a b 1 1 1 1 1\n" + lines, name("example."));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(**back, notes);
}

TEST(NoteLines, AreOnlyThoseThatBeginALine) {
  const auto none = notes_in("a A 192.0.2.1 ; @note {}\n;@note x\n", name("example."));
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
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
    const auto notes = notes_in(fmt::format("\n\n; @note {}\n", line), name("example."));
    ASSERT_FALSE(notes) << line;
    EXPECT_EQ(notes.error().detail.find("line 3: the note: "), 0U) << notes.error().detail;
    EXPECT_NE(notes.error().detail.find(what), std::string::npos) << notes.error().detail;
  }
  EXPECT_FALSE(notes_in(note_lines(*NoteSet::from(sample())) + note_lines(*NoteSet::from(sample())),
                        name("example.")))
      << "two on one record";
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

TEST(ReadNoteEdit, ReadsWhatIsThere) {
  const auto note =
      read_note_edit(json::object{{"comment", ""}, {"expires", "1h"}, {"disabled", false}}, 100);
  ASSERT_TRUE(note) << note.error().detail;
  EXPECT_EQ(note->comment, "");
  EXPECT_EQ(note->expires, 3700);
  EXPECT_EQ(note->disabled, false);
  EXPECT_TRUE(read_note_edit(json::object{{"name", "x"}}, 100)->is_empty());
  for (const json::object& bad : {json::object{{"comment", 1}}, json::object{{"expires", 5}},
                                  json::object{{"disabled", "no"}}}) {
    EXPECT_FALSE(read_note_edit(bad, 100)) << json::serialize(bad);
  }
}

}  // namespace
}  // namespace tandem::test
