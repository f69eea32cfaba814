// The answer path against the naive server on random zones and questions. TANDEM_DIFFERENTIAL_ZONES
// sets how many zones.
#include <array>
#include <cstdlib>

#include <gtest/gtest.h>

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

enum class Proofs : std::uint8_t { kNone, kNsec, kNsec3, kTwoNsec3 };

void add_proofs(std::vector<test::PlainRecord>& records, NameView origin, Proofs proofs) {
  if (proofs == Proofs::kNsec) {
    test::add_nsec_chain(records, origin);
  }
  if (proofs == Proofs::kNsec3 || proofs == Proofs::kTwoNsec3) {
    test::add_nsec3_chain(records, origin, "AB", 1);
  }
  if (proofs == Proofs::kTwoNsec3) {  // as while a signer rolls its salt
    test::add_nsec3_chain(records, origin, "0102030405", 2);
  }
}

void compare(std::uint64_t seed, Proofs proofs) {
  const bool is_signed = proofs != Proofs::kNone;
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
    add_proofs(records, at, proofs);
    zones.push_back(test::build_what_fits(records, at));
    naive.add_zone(at, records);
    all.insert(all.end(), records.begin(), records.end());
  }
  test::Asking server(zones);
  for (int i = 0; i < 300; ++i) {
    const Name question = random.question(all, origin);
    const RrType type = random.question_type();
    const Octets wire = test::query_wire(question, type, is_signed, is_signed, 1232);
    const auto ours = test::plain_answer_of(server.raw(wire, Transport::kTcp));
    ASSERT_TRUE(ours.has_value()) << "seed " << seed << " " << question.to_text() << " "
                                  << to_text(type) << ": " << ours.error().detail;
    PlainAnswer expected = naive.answer(question, type, is_signed);
    settle_any(*ours, expected);
    ASSERT_EQ(*ours, expected) << "seed " << seed << " " << question.to_text() << " "
                               << to_text(type) << "\nours:\n"
                               << ours->to_text() << "expected:\n"
                               << expected.to_text();
  }
}

/// Queries of a batch must not hear of each other: each is answered with the octets that it gets
/// alone.
void compare_batch(std::uint64_t seed) {
  const Name origin = name("example.");
  test::RandomZones random(seed);
  auto records = random.records(origin, 40);
  static_cast<void>(test::build_what_fits(records, origin));
  const bool is_signed = seed % 2 == 0;
  add_proofs(records, origin, is_signed ? Proofs::kNsec3 : Proofs::kNone);
  test::Asking server({test::build_what_fits(records, origin)});
  constexpr std::size_t kCount = 3 * QueryEngine::kQueriesAtOnce + 1;
  std::vector<Octets> queries(kCount);
  std::vector<Octets> rooms(kCount, Octets(1232));
  std::vector<QueryEngine::Exchange> batch(kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    queries[i] = test::query_wire(random.question(records, origin), random.question_type(),
                                  is_signed, is_signed, 1232);
    if (random.below(8) == 0) {
      queries[i].resize(random.below(queries[i].size()));  // no query at all
    }
    batch[i] = {.message = queries[i], .room = rooms[i]};
  }
  server.engine().answer(server.catalog(), batch, Transport::kUdp, server.worker());
  for (std::size_t i = 0; i < kCount; ++i) {
    const Octets together(rooms[i].begin(),
                          rooms[i].begin() + static_cast<std::ptrdiff_t>(batch[i].answer_octets));
    ASSERT_EQ(together, server.raw(queries[i])) << "seed " << seed << " query " << i;
  }
}

/// A zone that changes made must answer like the same zone made by the builder (letter case apart:
/// a change does not touch records that differ in nothing else).
void compare_changed(std::uint64_t seed) {
  const Name origin = name("example.");
  test::RandomZones random(seed);
  auto first = random.records(origin, 40);
  auto second = random.records(origin, 40);
  static_cast<void>(test::build_what_fits(first, origin));
  static_cast<void>(test::build_what_fits(second, origin));
  constexpr std::array kProofs = {Proofs::kNone, Proofs::kNsec, Proofs::kNsec3, Proofs::kTwoNsec3};
  add_proofs(first, origin, kProofs[random.below(kProofs.size())]);
  add_proofs(second, origin, kProofs[random.below(kProofs.size())]);
  const ZonePtr from = test::build_what_fits(first, origin);
  const ZonePtr built = test::build_what_fits(second, origin);
  const Changeset change = test::difference(from.get(), *built);
  const auto changed = from->apply(std::span(&change, 1), ZoneLimits{});
  ASSERT_TRUE(changed.has_value()) << "seed " << seed << ": " << changed.error().detail;
  test::Asking one({*changed});
  test::Asking other({built});
  first.insert(first.end(), second.begin(), second.end());
  for (int i = 0; i < 300; ++i) {
    const Name question = random.question(first, origin);
    const Octets query = test::query_wire(question, random.question_type(), true, true, 1232);
    const auto ours = test::plain_answer_of(one.raw(query));
    const auto expected = test::plain_answer_of(other.raw(query));
    ASSERT_TRUE(ours.has_value() && expected.has_value());
    ASSERT_EQ(*ours, *expected) << "seed " << seed << " " << question.to_text() << "\nours:\n"
                                << ours->to_text() << "expected:\n"
                                << expected->to_text();
  }
}

std::uint64_t zones_to_try() {
  const char* const text = std::getenv("TANDEM_DIFFERENTIAL_ZONES");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 40;
}

TEST(Differential, AgreesWithTheNaiveServerOnUnsignedZones) {
  for (std::uint64_t seed = 1; seed <= zones_to_try() && !HasFatalFailure(); ++seed) {
    compare(seed, Proofs::kNone);
  }
}

TEST(Differential, AgreesWithTheNaiveServerOnZonesWithNsec) {
  for (std::uint64_t seed = 1001; seed <= 1000 + zones_to_try() && !HasFatalFailure(); ++seed) {
    compare(seed, Proofs::kNsec);
  }
}

TEST(Differential, AgreesWithTheNaiveServerOnZonesWithNsec3) {
  for (std::uint64_t seed = 3001; seed <= 3000 + zones_to_try() && !HasFatalFailure(); ++seed) {
    compare(seed, Proofs::kNsec3);
  }
}

TEST(Differential, AgreesWithTheNaiveServerOnZonesWithTwoNsec3Chains) {
  for (std::uint64_t seed = 4001; seed <= 4000 + zones_to_try() && !HasFatalFailure(); ++seed) {
    compare(seed, Proofs::kTwoNsec3);
  }
}

TEST(Differential, ABatchIsAnsweredAsItsQueriesAreAlone) {
  for (std::uint64_t seed = 5001; seed <= 5000 + zones_to_try() && !HasFatalFailure(); ++seed) {
    compare_batch(seed);
  }
}

TEST(Differential, ChangedZonesAnswerLikeBuiltOnes) {
  for (std::uint64_t seed = 2001; seed <= 2000 + zones_to_try() && !HasFatalFailure(); ++seed) {
    compare_changed(seed);
  }
}

}  // namespace
}  // namespace tandem
