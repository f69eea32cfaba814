// Any master file as a zone: what the builder takes answers every question without breaking a rule,
// and a version that changes made is the same as one that the builder made.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "common/base/check.h"
#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "common/zone/zone_builder.h"
#include "tests/support/asking.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxRecords = 400;
constexpr std::size_t kMaxQuestions = 12;  // names, each with all types and both ways

const Name& origin() {
  static const Name name = Name::from_text("example.").value_or(Name());
  return name;
}

struct Record {
  Name owner;
  RrType type{};
  std::uint32_t ttl = 0;
  Octets rdata;
};

/// The records of the text with an apex that makes a zone of most of them.
std::vector<Record> records_of(const std::string& text) {
  MasterFileOptions options;
  options.origin = origin();
  options.max_generated_records = 50;
  std::vector<Record> records;
  static_cast<void>(parse_master_file("$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n" + text, options,
                                      [&records](const MasterFileRecord& record) {
                                        if (records.size() < kMaxRecords) {
                                          records.push_back({Name(record.owner), record.type,
                                                             record.ttl, to_octets(record.rdata)});
                                        }
                                      }));
  return records;
}

/// The zone without one owner's records, or all of it when `without` is null.
ZonePtr build(const std::vector<Record>& records, const Name* without) {
  ZoneBuilder builder(origin(), ZoneLimits{});
  for (const Record& record : records) {
    if (without == nullptr || record.owner != *without || record.owner == origin()) {
      builder.add({record.owner, record.type, record.ttl, record.rdata});
    }
  }
  ZoneBuilder::Outcome outcome = builder.build();
  CHECK((outcome.zone != nullptr) ==
        std::ranges::none_of(outcome.findings, [](const ZoneFinding& finding) {
          return finding.severity == ZoneFinding::Severity::kError;
        }));
  return outcome.zone;
}

/// Names worth asking for: owners, what is above and below them, and what only a wildcard covers.
std::vector<Name> questions_of(const std::vector<Record>& records) {
  std::set<Name> names;
  for (const Record& record : records) {
    Name name = record.owner;
    while (names.size() < kMaxQuestions && name.is_subdomain_of(origin()) && !name.is_root()) {
      if (const auto below = Name::from_text("q", name); below) {
        names.insert(*below);
      }
      names.insert(name);
      name = Name(name.parent());
    }
  }
  return {names.begin(), names.end()};
}

/// Every question with and without DO, as one text; what does not parse back is an error.
std::string answers_of(const ZonePtr& zone, const std::vector<Name>& names) {
  test::Asking server({zone});
  std::string out;
  for (const Name& name : names) {
    for (const RrType type : {RrType::kA, RrType::kNs, RrType::kCname, RrType::kDs, RrType::kNsec3,
                              RrType::kAny, RrType::kSoa}) {
      for (const bool wants_dnssec : {false, true}) {
        const Octets wire =
            server.raw(test::query_wire(name, type, wants_dnssec, wants_dnssec, 1232));
        CHECK(!wire.empty());
        const auto answer = parse_message(wire);
        CHECK(answer.has_value());
        out += fmt::format("{} {} {}\n", name.to_text(), to_text(type), answer->flags);
        for (const auto* section : {&answer->answers, &answer->authorities, &answer->additionals}) {
          for (const std::string& line : test::lines_of(*section)) {
            out += line + "\n";
          }
        }
      }
    }
  }
  return out;
}

std::string text_of(const Zone& zone) {
  std::string out;
  zone.for_each_record([&out](const PackedRecord& record) {
    out += record_to_text(record.owner, record.ttl, record.type, record.rdata) + "\n";
  });
  return out;
}

/// `made` came out of changes, `built` out of the builder.
void check_same(const ZonePtr& made, const ZonePtr& built, const std::vector<Name>& names) {
  CHECK(text_of(*made) == text_of(*built));
  CHECK(made->record_count() == built->record_count());
  CHECK(made->name_count() == built->name_count());
  CHECK(made->has_wildcards() == built->has_wildcards());
  CHECK(made->has_redirections() == built->has_redirections());
  CHECK(answers_of(made, names) == answers_of(built, names));
}

void try_zone(const std::string& text) {
  const std::vector<Record> records = records_of(text);
  const ZonePtr whole = build(records, nullptr);
  if (whole == nullptr) {
    return;
  }
  const std::vector<Name> names = questions_of(records);
  check_same(compacted(*whole, ZoneLimits{}), whole, names);
  const Record& one = records[text.size() % records.size()];
  const ZonePtr less = build(records, &one.owner);
  if (less == nullptr) {
    return;
  }
  const Changeset gone = test::difference(whole.get(), *less);
  const auto made = whole->apply(std::span(&gone, 1), ZoneLimits{});
  CHECK(made.has_value());
  check_same(*made, less, names);
  const Changeset back = Changeset(gone).inverted();
  const auto again = (*made)->apply(std::span(&back, 1), ZoneLimits{});
  CHECK(again.has_value());
  check_same(*again, whole, names);
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= 4096) {
    tandem::try_zone(std::string(tandem::as_text({data, size})));
  }
  return 0;
}
