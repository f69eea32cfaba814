// A whole zone as it comes by AXFR, beside the building of it that every way in pays for.
#include <benchmark/benchmark.h>

#include "bench/micro/samples.h"
#include "common/dns/header.h"
#include "common/dns/message.h"
#include "common/transfer/transfer_reader.h"
#include "common/zone/zone_builder.h"

namespace tandem::bench {
namespace {

constexpr std::uint16_t kId = 7;
constexpr std::size_t kRecordsPerMessage = 500;  // some 16 KiB, as servers send

/// The answer to AXFR of `zone`.
std::vector<Octets> messages_of(const Zone& zone) {
  std::vector<MessageRecord> records;
  zone.for_each_record([&records](const PackedRecord& record) {
    records.push_back(
        {Name(record.owner), record.type, RrClass::kIn, record.ttl, to_octets(record.rdata)});
  });
  records.push_back(records.front());
  std::vector<Octets> out;
  for (std::size_t at = 0; at < records.size(); at += kRecordsPerMessage) {
    Message message;
    message.id = kId;
    message.flags = kFlagQr | kFlagAa;
    message.questions.push_back({Name(zone.origin()), RrType::kAxfr});
    for (std::size_t i = at; i < std::min(records.size(), at + kRecordsPerMessage); ++i) {
      message.answers.push_back(std::move(records[i]));
    }
    out.push_back(*write_message(message));
  }
  return out;
}

void take_a_transfer(benchmark::State& state) {
  const std::vector<Octets> messages = messages_of(*million_hosts());
  for ([[maybe_unused]] auto step : state) {
    TransferReader reader(Name(million_hosts()->origin()), RrType::kAxfr, kId, nullptr, {});
    for (const Octets& message : messages) {
      if (const Status taken = reader.take(message); !taken) {
        state.SkipWithError(taken.error().detail.c_str());
        return;
      }
    }
    benchmark::DoNotOptimize(reader.finish());
  }
}

BENCHMARK(take_a_transfer)->Unit(benchmark::kMillisecond);

void build_what_was_transferred(benchmark::State& state) {
  for ([[maybe_unused]] auto step : state) {
    ZoneBuilder builder(million_hosts()->origin(), ZoneLimits{});
    million_hosts()->for_each_record(
        [&builder](const PackedRecord& record) { builder.add(record); });
    benchmark::DoNotOptimize(builder.build());
  }
}

BENCHMARK(build_what_was_transferred)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tandem::bench
