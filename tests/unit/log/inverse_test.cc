// inverse_of(): what was applied last goes first, and nothing is lost on the way back.
#include <gtest/gtest.h>

#include "common/log/codec.h"
#include "common/log/entry_check.h"
#include "tests/unit/log/sample_entries.h"

namespace tandem {
namespace {

using testing::image_ref;
using testing::name_of;
using testing::packed;
using testing::zone_id;

std::string texts_of(const std::vector<Change>& changes) {
  std::string out;
  for (const Change& change : changes) {
    out += testing::to_text(change) + "\n";
  }
  return out;
}

TEST(InverseOf, ACreateIsADelete) {
  const ZoneOptions options{SerialPolicy::kDate, true, 5};
  EXPECT_EQ(texts_of(inverse_of({zone_id(1), ZoneCreate{name_of("a."), options}})),
            texts_of({{zone_id(1), ZoneDelete{name_of("a."), options, std::nullopt}}}));
}

TEST(InverseOf, ADeleteBringsTheContentBack) {
  EXPECT_EQ(texts_of(inverse_of({zone_id(1), ZoneDelete{name_of("a."), {}, image_ref(3)}})),
            texts_of({{zone_id(1), ZoneCreate{name_of("a."), {}}},
                      {zone_id(1), ZoneReplace{std::nullopt, image_ref(3)}}}));
}

TEST(InverseOf, ADeleteOfAnEmptyZoneIsACreate) {
  EXPECT_EQ(texts_of(inverse_of({zone_id(1), ZoneDelete{name_of("a."), {}, std::nullopt}})),
            texts_of({{zone_id(1), ZoneCreate{name_of("a."), {}}}}));
}

TEST(InverseOf, RecordsGoBackLastStepFirst) {
  const RecordChange change{.authored = {.removed = {}, .added = packed("w.a. 1 A 192.0.2.1\n")},
                            .derived = {.removed = packed("w.a. 1 A 192.0.2.1\n"),
                                        .added = packed("w.a. 1 A 192.0.2.2\n")}};
  EXPECT_EQ(
      texts_of(inverse_of({zone_id(1), change})),
      texts_of({{zone_id(1), RecordChange{.authored = {.removed = packed("w.a. 1 A 192.0.2.2\n"),
                                                       .added = packed("w.a. 1 A 192.0.2.1\n")},
                                          .derived = {.removed = packed("w.a. 1 A 192.0.2.1\n"),
                                                      .added = {}}}}}));
}

TEST(InverseOf, AFirstContentGoesToNothing) {
  EXPECT_EQ(texts_of(inverse_of({zone_id(1), ZoneReplace{std::nullopt, image_ref(3)}})),
            texts_of({{zone_id(1), ZoneReplace{image_ref(3), std::nullopt}}}));
}

TEST(InverseOf, TheStartOfAnEpochHasNothingToUndo) {
  EXPECT_TRUE(inverse_of({ZoneId{}, EpochStart{}}).empty());
}

TEST(InverseOf, TwiceIsTheChangeItself) {
  for (const auto& [name, entry] : testing::sample_entries()) {
    for (const Change& change : entry.changes) {
      const std::vector<Change> back = inverse_of(change);
      if (back.size() == 1 && !std::holds_alternative<ZoneCreate>(back[0].kind)) {
        EXPECT_EQ(texts_of(inverse_of(back[0])), texts_of({change})) << name;
      }
    }
  }
}

TEST(InverseOf, IsAlwaysAnEntryThatMayBeLogged) {
  for (const auto& [name, sample] : testing::sample_entries()) {
    for (const Change& change : sample.changes) {
      Entry entry = sample;
      entry.changes = inverse_of(change);
      EXPECT_TRUE(check_entry(entry)) << name;
    }
  }
}

}  // namespace
}  // namespace tandem
