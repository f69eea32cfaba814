// The answer path against the naive server on random zones and questions. TANDEM_DIFFERENTIAL_ZONES sets how many zones.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/asking.h"
#include "tests/support/naive_answer.h"
#include "tests/support/random_zone.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::name;
using test::PlainAnswer;

/// "Any one RRset" on the naive side: ours must be one RRset of that name.
void settle_any(const PlainAnswer& ours, PlainAnswer& expected) {
  if (expected.answer.erase("any") > 0) {
    std::set<std::string> heads;
    for (const std::string& line : ours.answer) {
      std::istringstream words(line);
      std::string owner;
      std::string ttl;
      std::string type;
      words >> owner >> ttl >> type;
      heads.insert(fmt::format("{} {} {}", owner, ttl, type));
      expected.answer.insert(line);
    }
    EXPECT_GE(heads.size(), 1U);
  }
}

void compare(std::uint64_t seed, bool with_nsec) {
  const Name origin = name("example.");
  const Name inner = name("a.example.");
  test::RandomZones random(seed);
  test::NaiveServer naive;
  std::vector<ZonePtr> zones;
  std::vector<test::PlainRecord> all;
  for (const Name& at : {origin, inner}) {
    if (at == inner && seed % 3 != 0) {
      continue;
    }
    auto records = random.records(at, 30);
    static_cast<void>(test::build_what_fits(records, at));
    if (with_nsec) {
      test::add_nsec_chain(records, at);
    }
    zones.push_back(test::build_what_fits(records, at));
    naive.add_zone(at, records);
    all.insert(all.end(), records.begin(), records.end());
  }
  test::Asking server(zones);
  for (int i = 0; i < 300; ++i) {
    const Name question = random.question(all, origin);
    const RrType type = random.question_type();
    const Octets wire = test::query_wire(question, type, with_nsec, with_nsec, 1232);
    const auto ours = test::plain_answer_of(server.raw(wire, Transport::kTcp));
    ASSERT_TRUE(ours.has_value()) << "seed " << seed << " " << question.to_text();
    PlainAnswer expected = naive.answer(question, type, with_nsec);
    settle_any(*ours, expected);
    ASSERT_EQ(*ours, expected) << "seed " << seed << " " << question.to_text() << " " << to_text(type)
                               << "\nours:\n" << ours->to_text() << "expected:\n" << expected.to_text();
  }
}

std::uint64_t zones_to_try() {
  const char* const text = std::getenv("TANDEM_DIFFERENTIAL_ZONES");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 40;
}

TEST(Differential, AgreesWithTheNaiveServerOnUnsignedZones) {
  for (std::uint64_t seed = 1; seed <= zones_to_try() && !HasFatalFailure(); ++seed) {
    compare(seed, false);
  }
}

TEST(Differential, AgreesWithTheNaiveServerOnZonesWithNsec) {
  for (std::uint64_t seed = 1001; seed <= 1000 + zones_to_try() && !HasFatalFailure(); ++seed) {
    compare(seed, true);
  }
}

}  // namespace
}  // namespace tandem
