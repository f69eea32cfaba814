// Notes in edits.
#include "common/api/note_json.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace tandem::test {
namespace {

namespace json = boost::json;

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
