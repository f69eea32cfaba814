#include "common/zone/record_buffer.h"

#include <algorithm>
#include <deque>
#include <vector>

#include <gtest/gtest.h>

namespace tandem {
namespace {

constexpr std::size_t kPiece = 1000;

RecordBuffer::Place put(RecordBuffer& buffer, std::size_t number) {
  const RecordBuffer::Place place = buffer.allocate(kPiece);
  std::fill_n(buffer.at(place), kPiece, static_cast<std::uint8_t>(number % 251));
  return place;
}

bool has(const RecordBuffer& buffer, RecordBuffer::Place place, std::size_t number) {
  return std::all_of(buffer.at(place), buffer.at(place) + kPiece,
                     [&](std::uint8_t octet) { return octet == number % 251; });
}

TEST(RecordBuffer, GivesTheNumbersOfBlocksThatWentAgain) {
  constexpr std::size_t kWaiting = 3000;  // pieces: three blocks
  RecordBuffer buffer;
  std::deque<RecordBuffer::Place> waiting;
  RecordBuffer::Place highest = 0;
  for (std::size_t number = 0; number < 100'000; ++number) {
    waiting.push_back(put(buffer, number));
    highest = std::max(highest, waiting.back());
    if (waiting.size() > kWaiting) {
      ASSERT_TRUE(has(buffer, waiting.front(), number - kWaiting)) << number;
      buffer.release(waiting.front());
      waiting.pop_front();
    }
  }
  EXPECT_LT(highest >> 20U, 20U) << "100 MB went through blocks of at most one";
}

TEST(RecordBuffer, KeepsAPieceThatIsHeldTwice) {
  RecordBuffer buffer;
  const RecordBuffer::Place kept = put(buffer, 7);
  buffer.hold(kept);
  buffer.release(kept);
  for (std::size_t number = 0; number < 10'000; ++number) {
    buffer.release(put(buffer, number));
  }
  EXPECT_TRUE(has(buffer, kept, 7));
}

TEST(RecordBuffer, HoldsWhatNobodyReleased) {
  RecordBuffer buffer;
  std::vector<RecordBuffer::Place> places;
  for (std::size_t number = 0; number < 5000; ++number) {
    places.push_back(put(buffer, number));
  }
  for (std::size_t number = 0; number < places.size(); ++number) {
    ASSERT_TRUE(has(buffer, places[number], number)) << number;
  }
}

TEST(RecordBuffer, KeepsTheCaseOfAnOwner) {
  RecordBuffer buffer;
  const Octets upper{3, 'W', 'w', 'W'};
  const Octets lower{3, 'w', 'w', 'w'};
  const RecordBuffer::Place with_upper = put_owner(buffer, lower, upper);
  const RecordBuffer::Place without = put_owner(buffer, lower, lower);
  EXPECT_TRUE(equal(cased_of(buffer, with_upper), upper));
  EXPECT_TRUE(equal(lower_of(buffer, with_upper), lower));
  EXPECT_TRUE(equal(cased_of(buffer, without), lower));
  EXPECT_TRUE(equal(lower_of(buffer, without), lower));
}

}  // namespace
}  // namespace tandem
