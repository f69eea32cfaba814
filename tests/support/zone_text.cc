#include "tests/support/zone_text.h"

#include <cstdlib>
#include <limits>

#include <fmt/core.h>

#include "common/base/check.h"
#include "common/dns/master_file.h"
#include "common/zone/diff.h"

namespace tandem::test {
namespace {

void each_record(std::string_view text, std::string_view origin, const RecordSink& sink) {
  MasterFileOptions options;
  options.origin = name(origin);
  options.file_name = "test";
  const MasterFileReport report =
      parse_master_file(fmt::format("$TTL 3600\n{}", text), options, sink);
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (diagnostic.severity == Diagnostic::Severity::kError) {
      fmt::print(stderr, "{}\n", diagnostic.to_text());
      std::abort();
    }
  }
}

}  // namespace

Name name(std::string_view text) {
  auto parsed = Name::from_text(text);
  CHECK(parsed.has_value());
  return *parsed;
}

ZoneBuilder::Outcome build(std::string_view text, std::string_view origin) {
  ZoneBuilder builder(name(origin), ZoneLimits{});
  each_record(text, origin, [&](const MasterFileRecord& record) {
    builder.add({record.owner, record.type, record.ttl, record.rdata}, record.place.line);
  });
  return builder.build();
}

ZonePtr zone(std::string_view lines, std::string_view origin) {
  ZoneBuilder::Outcome outcome = build(fmt::format("{}{}", kApex, lines), origin);
  if (outcome.zone == nullptr) {
    fmt::print(stderr, "{}\n", outcome.findings.front().text);
    std::abort();
  }
  return outcome.zone;
}

std::vector<std::string> lines_of(const Zone& zone) {
  std::vector<std::string> lines;
  zone.for_each_record([&](const PackedRecord& record) {
    lines.push_back(record_to_text(record.owner, record.ttl, record.type, record.rdata));
  });
  return lines;
}

Changeset difference(const Zone* from, const Zone& to) {
  return diff_zones(from, to, std::numeric_limits<std::size_t>::max()).value();
}

Octets packed(std::string_view lines, std::string_view origin) {
  Octets out;
  RrPacker packer(out);
  each_record(lines, origin, [&](const MasterFileRecord& record) {
    packer.add(record.owner, record.type, record.ttl, record.rdata);
  });
  return out;
}

Changeset changeset(std::string_view removed, std::string_view added, std::string_view origin) {
  return {packed(removed, origin), packed(added, origin)};
}

}  // namespace tandem::test
