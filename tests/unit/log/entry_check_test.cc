// check_entry(): the rules that codec_test.cc does not reach, because messages cannot carry what
// they forbid.
#include "common/log/entry_check.h"

#include <string>

#include <gtest/gtest.h>

#include "common/log/codec.h"
#include "tests/unit/log/sample_entries.h"

namespace tandem {
namespace {

Entry with_actor(std::string name) {
  Entry entry = testing::sample_entries().front().entry;
  entry.actor.name = std::move(name);
  return entry;
}

TEST(CheckEntry, PassesTheSamples) {
  for (const auto& [name, entry] : testing::sample_entries()) {
    const auto valid = check_entry(entry);
    EXPECT_TRUE(valid) << name << ": " << valid.error().detail;
  }
}

struct TextRow {
  std::string text;
  bool is_utf8;
};

// RFC 3629 s3 and s4.
const TextRow kTextRows[] = {
    // NOLINT(modernize-avoid-c-arrays): a table
    {"", true},
    {"plain", true},
    {"\x7f", true},
    {"\xc2\x80", true},
    {"\xdf\xbf", true},
    {"\xe0\xa0\x80", true},
    {"\xed\x9f\xbf", true},
    {"\xee\x80\x80", true},
    {"\xef\xbf\xbf", true},
    {"\xf0\x90\x80\x80", true},
    {"\xf4\x8f\xbf\xbf", true},
    {"\x80", false},
    {"\xbf", false},
    {"\xc0\x80", false},
    {"\xc1\xbf", false},
    {"\xc2", false},
    {"\xc2x", false},
    {"\xe0\x9f\xbf", false},
    {"\xe1\x80", false},
    {"\xe1\x80x", false},
    {"\xed\xa0\x80", false},
    {"\xf0\x8f\xbf\xbf", false},
    {"\xf4\x90\x80\x80", false},
    {"\xf5\x80\x80\x80", false},
    {"\xff", false},
    {"ok\xf0\x9f\x98", false},
};

TEST(CheckEntry, TakesExactlyUtf8) {
  for (const TextRow& row : kTextRows) {
    EXPECT_EQ(check_entry(with_actor(row.text)).has_value(), row.is_utf8)
        << ::testing::PrintToString(row.text);
  }
}

TEST(CheckEntry, TakesNoTextThatTheDecoderRefuses) {
  for (const TextRow& row : kTextRows) {
    const Entry entry = with_actor(row.text);
    if (check_entry(entry)) {
      EXPECT_TRUE(decode_entry(encode_entry(entry))) << ::testing::PrintToString(row.text);
    }
  }
}

TEST(CheckEntry, LimitsAreInclusive) {
  Entry entry = with_actor(std::string(kMaxActorText, 'a'));
  entry.request_id.assign(kMaxRequestId, 1);
  entry.changes.resize(kMaxChangesPerEntry, entry.changes.front());
  EXPECT_TRUE(check_entry(entry));
}

}  // namespace
}  // namespace tandem
