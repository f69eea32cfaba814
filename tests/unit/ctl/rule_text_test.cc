// Rules as people read them.
#include "ctl/rule_text.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(ShownRule, HasTimesInWholeUnits) {
  EXPECT_EQ(shown_rule("key:a. name:_x.* expire:86400"), "key:a. name:_x.* expire:1d");
  EXPECT_EQ(shown_rule("key:a. expire:5400"), "key:a. expire:90m");
  EXPECT_EQ(shown_rule("key:a. expire:61"), "key:a. expire:61");
  EXPECT_EQ(shown_rule("key:a. expire:new words"), "key:a. expire:new words");
  EXPECT_EQ(shown_rule(""), "");
}

}  // namespace
}  // namespace tandem
