// What is offered for a word that is not known.
#include "common/base/suggestion.h"

#include <array>

#include <gtest/gtest.h>

namespace tandem {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"listen", "threads", "a", "log"};

TEST(Suggestion, StaysSilentWhenNothingIsNear) {
  EXPECT_EQ(suggestion("lsiten", kWords), "; did you mean \"listen\"?");
  EXPECT_EQ(suggestion("thread", kWords), "; did you mean \"threads\"?");
  EXPECT_EQ(suggestion("b", kWords), "");
  EXPECT_EQ(suggestion("foo", kWords), "");
  EXPECT_EQ(suggestion("", kWords), "");
  EXPECT_EQ(suggestion(std::string(10'000, 'l'), kWords), "");
}

}  // namespace
}  // namespace tandem
