// Secrets by id and by label.
#include "common/node/secret_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;

SecretInfo secret(std::uint8_t octet, std::string purpose, std::string label) {
  SecretInfo out;
  out.id.octets.fill(octet);
  out.purpose = std::move(purpose);
  out.label = std::move(label);
  return out;
}

auto has_label(const std::string& label) {
  return Field(&SecretInfo::label, label);
}

class SecretTableTest : public ::testing::Test {
 protected:
  SecretTableTest() {
    table_.replace_all({secret(1, "tsig", "b.:x"), secret(2, "tsig", "a.:x"),
                        secret(3, "token", "a.:x"), secret(4, "tsig", "ab.:x")});
  }

  SecretTable table_;
};

TEST_F(SecretTableTest, ThoseOfAPurposeComeInOrderOfTheirLabels) {
  EXPECT_THAT(table_.labelled("tsig", ""),
              ElementsAre(has_label("a.:x"), has_label("ab.:x"), has_label("b.:x")));
  EXPECT_THAT(table_.labelled("tsig", "a.:"), ElementsAre(has_label("a.:x")));
  EXPECT_THAT(table_.labelled("tsi", ""), ElementsAre());
}

TEST_F(SecretTableTest, WhatIsPutAgainIsFoundUnderItsNewLabelAlone) {
  table_.put(secret(1, "tsig", "c.:x"));
  EXPECT_THAT(table_.labelled("tsig", "b"), ElementsAre());
  EXPECT_THAT(table_.labelled("tsig", "c"), ElementsAre(has_label("c.:x")));
  table_.erase(secret(1, "", "").id);
  EXPECT_THAT(table_.labelled("tsig", "c"), ElementsAre());
  EXPECT_EQ(table_.all().size(), 3U);
}

TEST_F(SecretTableTest, ADifferenceIsOfIds) {
  const SecretDifference difference = difference_of({secret(1, "", "one"), secret(2, "", "two")},
                                                    {secret(2, "", "two"), secret(3, "", "three")});
  EXPECT_THAT(difference.named, ElementsAre(has_label("three")));
  EXPECT_THAT(difference.dropped, ElementsAre(has_label("one")));
}

}  // namespace
}  // namespace tandem
