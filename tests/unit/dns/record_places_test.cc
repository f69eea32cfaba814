// The places of records in 32 bits.
#include "common/dns/record_places.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

void expect_place(const RecordPlace& place, std::uint32_t file, std::uint32_t line,
                  std::uint32_t column) {
  EXPECT_EQ(place.file, file);
  EXPECT_EQ(place.line, line);
  EXPECT_EQ(place.column, column);
}

TEST(RecordPlaces, AreKeptAcrossIncludedFiles) {
  RecordPlaces places;
  const std::uint32_t before = places.note({0, 10, 1});
  const std::uint32_t inside = places.note({1, 42, 9});
  const std::uint32_t deeper = places.note({2, 1, 1});
  const std::uint32_t again = places.note({1, 44, 1});
  const std::uint32_t behind = places.note({0, 12, 9});
  expect_place(places.at(before), 0, 10, 1);
  expect_place(places.at(inside), 1, 42, 9);
  expect_place(places.at(deeper), 2, 1, 1);
  expect_place(places.at(again), 1, 44, 1);
  expect_place(places.at(behind), 0, 12, 9);
  EXPECT_LT(before, inside);
  EXPECT_LT(inside, deeper);
  EXPECT_LT(deeper, again);
  EXPECT_LT(again, behind);
}

TEST(RecordPlaces, OfOneLineAreTheSame) {
  RecordPlaces places;
  EXPECT_EQ(places.note({0, 3, 1}), places.note({0, 3, 1}));
}

TEST(RecordPlaces, HaveFifteenColumnsBesideTheFirst) {
  RecordPlaces places;
  for (std::uint32_t column = 1; column <= 16; ++column) {
    expect_place(places.at(places.note({0, 1, column})), 0, 1, column);
  }
  expect_place(places.at(places.note({0, 2, 17})), 0, 2, 1);
}

TEST(RecordPlaces, BeyondTheLastLineAreNone) {
  RecordPlaces places;
  EXPECT_NE(places.note({0, 1, 1}), 0U);
  EXPECT_NE(places.note({0, (1U << 28U) - 1, 1}), 0U);
  EXPECT_EQ(places.note({0, 1U << 28U, 1}), 0U);
  expect_place(places.at(0), 0, 0, 0);
}

}  // namespace
}  // namespace tandem
