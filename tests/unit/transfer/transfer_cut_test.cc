// A transfer that ends anywhere before its end is no zone (RFC 5936 s6).
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/zone_text.h"
#include "tests/unit/transfer/transfer_series.h"

namespace tandem {
namespace {

using test::reader_of;
using test::rows;
using test::series_of;
using test::soa_line;
using test::text_of;
using test::zone_of;

std::string many(std::string_view label, int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += fmt::format("{}{} 60 A 192.0.2.{}\n{}{} 60 TXT text\n", label, i, i, label, i);
  }
  return lines;
}

/// Gives the reader every message whole that the first `octets` of the stream hold, and the cut one
/// as it is: what a connection that breaks there may hand over at worst.
Result<TransferOutcome> cut_at(std::size_t octets, TransferReader reader,
                               const std::vector<Octets>& messages) {
  for (const Octets& message : messages) {
    const std::size_t here = std::min(octets, message.size());
    if (here > 0) {
      TRYV(reader.take(OctetSpan(message).first(here)));
    }
    EXPECT_TRUE(here == message.size() || !reader.is_done());
    octets -= here;
  }
  return reader.finish();
}

void expect_no_zone_of_less(const ZonePtr& have, const std::vector<Octets>& messages) {
  std::size_t all = 0;
  for (const Octets& message : messages) {
    all += message.size();
  }
  for (std::size_t octets = 0; octets < all; ++octets) {
    const auto outcome = cut_at(octets, reader_of(have), messages);
    EXPECT_EQ(zone_of(outcome), nullptr) << octets;
    EXPECT_TRUE(!outcome || text_of(outcome) == "over TCP") << octets;
  }
  EXPECT_NE(zone_of(cut_at(all, reader_of(have), messages)), nullptr);
}

TEST(TransferCut, AxfrGivesNoZoneBeforeItsEnd) {
  const auto records =
      rows(soa_line(1) + "@ NS ns1\nns1 A 192.0.2.1\n" + many("a", 30) + soa_line(1));
  expect_no_zone_of_less(nullptr, series_of(RrType::kAxfr, records, 1));
  expect_no_zone_of_less(nullptr, series_of(RrType::kAxfr, records, 50));
  expect_no_zone_of_less(nullptr, series_of(RrType::kAxfr, records, 1000));
}

TEST(TransferCut, IxfrGivesNoZoneBeforeItsEnd) {
  const ZonePtr have = test::zone(many("a", 20));
  const auto records =
      rows(soa_line(3) + soa_line(1) + many("a", 10) + soa_line(2) + many("b", 10) + soa_line(2) +
           many("b", 5) + soa_line(3) + many("c", 5) + soa_line(3));
  expect_no_zone_of_less(have, series_of(RrType::kIxfr, records, 1));
  expect_no_zone_of_less(have, series_of(RrType::kIxfr, records, 13));
  expect_no_zone_of_less(have, series_of(RrType::kIxfr, records, 1000));
}

}  // namespace
}  // namespace tandem
