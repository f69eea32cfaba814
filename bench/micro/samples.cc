#include "bench/micro/samples.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "common/dns/master_file.h"
#include "common/dns/message.h"
#include "common/dns/rdata.h"
#include "common/zone/rr_pack.h"
#include "common/zone/zone_builder.h"

namespace tandem::bench {
namespace {

constexpr std::string_view kDelegation =
    "cut IN NS ns1.cut\n"
    "cut IN NS ns2.cut\n"
    "ns1.cut IN A 192.0.2.1\n"
    "ns2.cut IN A 192.0.2.2\n";

[[noreturn]] void give_up(std::string_view why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

Name name_of(std::string_view text, NameView origin = {}) {
  auto name = Name::from_text(text, origin);
  if (!name) {
    give_up(name.error().detail);
  }
  return *name;
}

/// The SOA of host_text().
Octets host_soa(Serial serial) {
  Octets rdata;
  append(rdata, name_of("ns1.example.com.").wire());
  append(rdata, name_of("hostmaster.example.com.").wire());
  for (const std::uint32_t number : {serial, 900U, 300U, 604'800U, 900U}) {
    append_be(rdata, number);
  }
  return rdata;
}

std::array<std::uint8_t, 4> host_address(std::uint32_t host, std::uint8_t first) {
  return {first, static_cast<std::uint8_t>(host >> 16U), static_cast<std::uint8_t>(host >> 8U),
          static_cast<std::uint8_t>(host)};
}

}  // namespace

std::string home_text() {
  std::ifstream in(TANDEM_BENCH_DATA "/infoedu.co.kr.zone");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.append(kDelegation);
}

std::string host_text(std::size_t hosts) {
  std::string text =
      "$ORIGIN example.com.\n$TTL 3600\n"
      "@ IN SOA ns1 hostmaster 1 900 300 604800 900\n"
      "@ IN NS ns1\n@ IN NS ns2\nns1 IN A 192.0.2.1\nns2 IN A 192.0.2.2\n";
  for (std::size_t i = 0; i < hosts; ++i) {
    text += fmt::format("host{:07} IN A 10.{}.{}.{}\n", i, (i >> 16U) & 255U, (i >> 8U) & 255U,
                        i & 255U);
  }
  return text;
}

ZonePtr zone_of(std::string_view text, std::string_view origin) {
  MasterFileOptions options;
  options.origin = name_of(origin);
  options.file_name = "sample";
  ZoneBuilder builder(options.origin, ZoneLimits{});
  RecordPlaces places;
  const MasterFileReport report =
      parse_master_file(text, options, [&](const MasterFileRecord& record) {
        builder.add({record.owner, record.type, record.ttl, record.rdata},
                    places.note(record.place));
      });
  ZoneBuilder::Outcome outcome = builder.build();
  if (report.has_errors() || outcome.zone == nullptr) {
    give_up("the sample zone has errors");
  }
  return outcome.zone;
}

const ZonePtr& million_hosts() {
  static const ZonePtr zone = zone_of(host_text(1'000'000), kHostOrigin);
  return zone;
}

Octets query_of(std::string_view name, RrType type) {
  Message query;
  query.id = 0x1234;
  query.questions.push_back({name_of(name), type, RrClass::kIn});
  return *write_message(query);
}

Changeset host_change(std::uint32_t host, std::uint8_t from, std::uint8_t to, Serial serial) {
  const Name apex = name_of(kHostOrigin);
  const Name owner = name_of(fmt::format("host{:07}", host), apex);
  Changeset change;
  RrPacker removed(change.removed);
  removed.add(apex, RrType::kSoa, 3600, host_soa(serial));
  removed.add(owner, RrType::kA, 3600, host_address(host, from));
  RrPacker added(change.added);
  added.add(apex, RrType::kSoa, 3600, host_soa(serial + 1));
  added.add(owner, RrType::kA, 3600, host_address(host, to));
  return change;
}

}  // namespace tandem::bench
