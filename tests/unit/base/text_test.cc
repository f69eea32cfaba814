// Octets as text.
#include "common/base/text.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(Printable, TakesUtf8OnOneLine) {
  for (const std::string_view text : {"", "new web server", "Gr\xc3\xbc\xc3\x9f", "\xc2\xa0",
                                      "\xe2\x82\xac", "\xf0\x9f\x8e\x89"}) {
    EXPECT_TRUE(is_printable(text)) << text;
  }
}

TEST(Printable, RefusesControlCharactersAndWhatIsNoUtf8) {
  for (const std::string_view text :
       {"a\nb", "a\tb", "\x7f", "\xc2\x85", "\xc2\x9f", "\xc3", "\xff", "\xc0\x80"}) {
    EXPECT_FALSE(is_printable(text)) << text;
  }
}

}  // namespace
}  // namespace tandem
