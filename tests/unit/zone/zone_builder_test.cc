#include "common/zone/zone_builder.h"

#include <chrono>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/random_zone.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

using test::build;
using test::lines_of;
using test::name;
using test::zone;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string only_error(std::string_view lines) {
  const auto outcome = build(std::string(test::kApex) + std::string(lines));
  EXPECT_EQ(outcome.zone, nullptr);
  return outcome.findings.empty() ? "" : outcome.findings.front().text;
}

std::string only_warning(std::string_view lines) {
  const auto outcome = build(std::string(test::kApex) + std::string(lines));
  EXPECT_NE(outcome.zone, nullptr);
  return outcome.findings.empty() ? "" : outcome.findings.front().text;
}

TEST(ZoneBuilder, GivesRecordsBackInCanonicalOrderWithTheSoaFirst) {
  const auto built = build(
      "z A 192.0.2.9\n@ NS ns1\nns1 A 192.0.2.1\na.z A 192.0.2.2\n*.z A 192.0.2.3\n"
      "@ SOA ns1 h 1 2 3 4 5\nB A 192.0.2.4\n");
  ASSERT_NE(built.zone, nullptr);
  EXPECT_THAT(lines_of(*built.zone),
              ElementsAre("example. 3600 IN SOA ns1.example. h.example. 1 2 3 4 5",
                          "example. 3600 IN NS ns1.example.", "B.example. 3600 IN A 192.0.2.4",
                          "ns1.example. 3600 IN A 192.0.2.1", "z.example. 3600 IN A 192.0.2.9",
                          "*.z.example. 3600 IN A 192.0.2.3", "a.z.example. 3600 IN A 192.0.2.2"));
}

TEST(ZoneBuilder, MakesTheSameZoneOfRecordsThatComeInOrder) {
  const Name origin = name("example.");
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    test::RandomZones random(seed);
    std::vector<test::PlainRecord> records = random.records(origin, 60);
    const ZonePtr any = test::build_what_fits(records, origin);
    ZoneBuilder builder(origin, ZoneLimits{}, {.records = any->record_count()});
    any->for_each_record([&](const PackedRecord& record) { builder.add(record); });
    const ZonePtr in_order = builder.build().zone;
    ASSERT_NE(in_order, nullptr) << seed;
    EXPECT_EQ(lines_of(*in_order), lines_of(*any)) << seed;
    EXPECT_EQ(in_order->name_count(), any->name_count()) << seed;
  }
}

TEST(ZoneBuilder, RefusesAnOwnerOutOfThePromisedOrder) {
  const Name origin = name("example.");
  const ZonePtr good = zone("b A 192.0.2.1\nc A 192.0.2.2\nd A 192.0.2.3\n");
  std::vector<test::PlainRecord> records;
  good->for_each_record([&](const PackedRecord& record) {
    records.push_back({record.owner, record.type, record.ttl, to_octets(record.rdata)});
  });
  const auto outcome_of = [&] {
    ZoneBuilder builder(origin, ZoneLimits{}, {.records = records.size()});
    for (const test::PlainRecord& record : records) {
      builder.add({record.owner, record.type, record.ttl, record.rdata});
    }
    return builder.build();
  };
  EXPECT_NE(outcome_of().zone, nullptr);
  std::swap(records[records.size() - 2], records[records.size() - 4]);
  const auto outcome = outcome_of();
  EXPECT_EQ(outcome.zone, nullptr);
  EXPECT_THAT(outcome.findings.front().text, HasSubstr("canonical order"));
}

TEST(ZoneBuilder, MakesTheSameZoneHoweverManyRecordsAreOutOfOrder) {
  std::vector<std::string> lines;
  for (int i = 0; i < 400; ++i) {
    lines.push_back(fmt::format("host{:03} A 10.0.{}.{}\n", i, i / 256, i % 256));
  }
  const auto built_of = [&] { return lines_of(*zone(fmt::format("{}", fmt::join(lines, "")))); };
  const std::vector<std::string> expected = built_of();
  std::mt19937 random(7);
  for (const int strays : {1, 2, 20, 45, 60, 400}) {
    std::ranges::sort(lines);
    for (int i = 0; i < strays; ++i) {
      const auto place = [&] { return lines.begin() + static_cast<int>(random() % lines.size()); };
      const std::string line = *place();
      std::erase(lines, line);
      lines.insert(place(), line);
    }
    EXPECT_EQ(built_of(), expected) << strays;
  }
}

TEST(ZoneBuilder, KeepsTheCaseOfOwnersAndOfNamesInRdata) {
  const auto built = zone("WwW CNAME MiXed.ExAmple.\nMx MX 10 MAIL.example.\n");
  EXPECT_THAT(lines_of(*built),
              ::testing::IsSupersetOf({"WwW.example. 3600 IN CNAME MiXed.ExAmple.",
                                       "Mx.example. 3600 IN MX 10 MAIL.example."}));
}

TEST(ZoneBuilder, DropsIdenticalRecordsWithAWarning) {
  EXPECT_THAT(only_warning("a A 192.0.2.1\na A 192.0.2.1\n"),
              HasSubstr("1 identical record dropped"));
}

TEST(ZoneBuilder, GivesOneTtlToAnRrset) {
  const auto built = build(std::string(test::kApex) + "a 60 A 192.0.2.1\na 30 A 192.0.2.2\n");
  ASSERT_NE(built.zone, nullptr);
  EXPECT_EQ(built.zone->find_rrset(name("a.example."), RrType::kA)->ttl, 30U);
  EXPECT_THAT(built.findings.front().text, HasSubstr("TTLs of one RRset differ"));
}

TEST(ZoneBuilder, NeedsExactlyOneSoaAtTheTop) {
  EXPECT_THAT(build("@ NS ns1\nns1 A 192.0.2.1\n").findings.front().text, HasSubstr("no SOA"));
  EXPECT_THAT(only_error("@ SOA ns1 h 9 2 3 4 5\n"), HasSubstr("one is the most"));
  EXPECT_THAT(only_error("sub SOA ns1 h 9 2 3 4 5\n"), HasSubstr("below the zone's top"));
}

TEST(ZoneBuilder, NeedsNameServersAtTheTop) {
  EXPECT_THAT(build("@ SOA ns1 h 1 2 3 4 5\n").findings.front().text, HasSubstr("no NS record"));
}

TEST(ZoneBuilder, RefusesCnameBesideOtherData) {
  EXPECT_THAT(only_error("a CNAME b\na A 192.0.2.1\n"), HasSubstr("a CNAME stands alone"));
  EXPECT_THAT(only_error("a CNAME b\na CNAME c\n"), HasSubstr("one is the most"));
}

TEST(ZoneBuilder, RefusesNamesBelowADname) {
  EXPECT_THAT(only_error("d DNAME other.\nx.d A 192.0.2.1\n"), HasSubstr("below a DNAME"));
  EXPECT_THAT(only_error("d DNAME other.\nd NS ns1\n"), HasSubstr("NS and DNAME"));
}

TEST(ZoneBuilder, RefusesWhatIsOutsideOfTheZone) {
  EXPECT_THAT(only_error("www.other. A 192.0.2.1\n"), HasSubstr("outside of the zone"));
}

TEST(ZoneBuilder, TellsOfTheRecordsOfAnotherZoneOnce) {
  EXPECT_THAT(
      only_error("@ NS ns1\nother. SOA ns1 h 9 2 3 4 5\na.other. A 192.0.2.1\nother. NS b.\n"),
      HasSubstr("these are the records of the zone other., not of "));
}

TEST(ZoneBuilder, RefusesNameServersAtAWildcard) {
  EXPECT_THAT(only_error("*.w NS ns1\n"), HasSubstr("wildcard with NS"));
}

TEST(ZoneBuilder, RefusesMoreRecordsThanTheLimit) {
  std::string lines;
  for (int i = 0; i < 101; ++i) {
    lines += fmt::format("big A 10.0.0.{}\n", i);
  }
  EXPECT_THAT(only_error(lines),
              HasSubstr("101 A records; the limit is 100 (the zone's rrset-records-max)"));
}

TEST(ZoneBuilder, RefusesHighNsec3Iterations) {
  EXPECT_THAT(only_error("@ NSEC3PARAM 1 0 51 -\n"), HasSubstr("51 iterations"));
}

TEST(ZoneBuilder, TellsTheLineOfAFinding) {
  const auto outcome =
      build(std::string(test::kApex) + "ok A 192.0.2.1\nbad CNAME x\nbad A 192.0.2.1\n");
  ASSERT_FALSE(outcome.findings.empty());
  EXPECT_EQ(outcome.findings.front().place,
            7U);  // $TTL, three lines of the apex, ok, and the second of the two
}

TEST(ZoneBuilder, WarnsOfDataBelowACutThatIsNoGlue) {
  EXPECT_THAT(only_warning("sub NS ns.sub\nns.sub A 192.0.2.7\ntxt.sub TXT \"lost\"\n"),
              HasSubstr("is not answered"));
}

TEST(ZoneBuilder, ReportsAtMostAHundredErrors) {
  std::string lines;
  for (int i = 0; i < 150; ++i) {
    lines += fmt::format("n{0} CNAME x\nn{0} A 192.0.2.1\n", i);
  }
  EXPECT_EQ(build(std::string(test::kApex) + lines).findings.size(), 100U);
}

TEST(ZoneBuilder, ReportsWarningsBesideTooManyErrors) {
  std::string lines = "a 60 A 192.0.2.1\na 61 A 192.0.2.2\n";
  for (int i = 0; i < 150; ++i) {
    lines += fmt::format("n{0} CNAME x\nn{0} A 192.0.2.1\n", i);
  }
  for (int i = 0; i < 150; ++i) {
    lines += fmt::format("z{0} 60 A 192.0.2.1\nz{0} 61 A 192.0.2.2\n", i);
  }
  EXPECT_EQ(build(std::string(test::kApex) + lines).findings.size(), 200U);
}

TEST(ZoneBuilder, WarnsOfNsec3ThatIsNotAnsweredFrom) {
  constexpr std::string_view kNsec3 =
      "2t7b4g4vsa5smi47k61mv5bv1a22bojr NSEC3 1 0 1 AB 2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n";
  EXPECT_THAT(only_warning(kNsec3), HasSubstr("without an NSEC3PARAM record"));
  EXPECT_THAT(only_warning(fmt::format("@ NSEC3PARAM 1 1 1 AB\n{}", kNsec3)),
              HasSubstr("without an NSEC3PARAM record"));
  EXPECT_THAT(only_warning(fmt::format("@ NSEC3PARAM 1 0 1 AB\n{}", kNsec3)),
              HasSubstr("no NSEC3 record for its top"));
}

TEST(ZoneBuilder, RefusesEmptyNonTerminalsWithoutEnd) {
  std::string deep;
  for (int i = 0; i < 110; ++i) {
    deep += "a.";
  }
  std::string lines;
  for (int i = 0; i < 5'000; ++i) {
    lines += fmt::format("{}x{} A 192.0.2.1\n", deep, i);
  }
  EXPECT_THAT(only_error(lines), HasSubstr("empty ones above them"));
}

TEST(ZoneBuilder, TakesASparseReverseZone) {
  std::string lines;
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    for (int nibble = 0; nibble < 24; ++nibble) {
      lines += fmt::format("{:x}.", random() % 16);
    }
    lines += "ip6 PTR host.example.\n";
  }
  EXPECT_NE(zone(lines), nullptr);
}

TEST(ZoneBuilder, CompressesDeepNamesInLinearTime) {
  std::string deep;
  for (int i = 0; i < 118; ++i) {
    deep += "a.";
  }
  std::string lines;
  for (int set = 0; set < 50; ++set) {
    for (int i = 0; i < 100; ++i) {
      lines += fmt::format("m{} MX {} x{}.{}\n", set, i, i % 7, deep);
    }
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_NE(zone(lines), nullptr);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(ZoneBuilder, CountsEverythingOnce) {
  const auto built = zone("sub NS ns.sub\nns.sub A 192.0.2.7\n*.w A 192.0.2.8\nd DNAME x.\n");
  EXPECT_EQ(built->record_count(), 3U + 4U);
  EXPECT_TRUE(built->has_wildcards());
  EXPECT_TRUE(built->has_redirections());
}

}  // namespace
}  // namespace tandem
