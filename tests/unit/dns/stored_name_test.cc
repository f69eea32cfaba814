#include "common/dns/stored_name.h"

#include <utility>

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(StoredName, IsTheNameItWasMadeOf) {
  const std::string longest = std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                              std::string(63, 'c') + "." + std::string(61, 'd') + ".";
  for (const std::string& text : {std::string("."), std::string("WwW.example."), longest}) {
    const Name name = *Name::from_text(text);
    const StoredName stored(name);
    EXPECT_TRUE(equal(stored.view().wire(), name.wire())) << text;
    EXPECT_EQ(stored.to_text(), text);
    EXPECT_EQ(stored.view(), name.lower().view()) << "compared without case";
  }
}

TEST(StoredName, IsAValue) {
  const StoredName a(*Name::from_text("a.example."));
  StoredName b = a;
  EXPECT_EQ(a, b);
  StoredName c(*Name::from_text("c.example."));
  StoredName d;
  d = c;
  EXPECT_EQ(d, c);
  EXPECT_LT(a, c);
  c = std::move(b);
  EXPECT_EQ(c, a);
  EXPECT_TRUE(b.view().is_root());  // NOLINT(bugprone-use-after-move): that is what is shown
}

}  // namespace
}  // namespace tandem
