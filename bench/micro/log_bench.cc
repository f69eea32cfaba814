// A log entry of one changed record: what is encoded, chained and made durable for each change.
#include <benchmark/benchmark.h>

#include "bench/micro/samples.h"
#include "common/log/codec.h"

namespace tandem::bench {
namespace {

Entry one_change() {
  Entry entry;
  entry.sequence = 1207;
  entry.epoch = {1, NodeId{{1, 2, 3}}};
  entry.time = WallTime(std::chrono::seconds(1'790'000'000));
  entry.actor = {"root", "unix", "uid 0", "new web server"};
  const ZoneId zone{{9, 8, 7}};
  entry.changes.push_back({zone, RecordChange{host_change(42, 10, 11, 1), {}}});
  entry.group_end = true;
  entry.zone_digests.push_back({zone, 2, Digest256{}});
  return entry;
}

void encode_one_entry(benchmark::State& state) {
  const Entry entry = one_change();
  std::size_t octets = 0;
  for ([[maybe_unused]] auto step : state) {
    octets = encode_entry(entry).size();
    benchmark::DoNotOptimize(octets);
  }
  state.counters["octets"] = static_cast<double>(octets);
}

void decode_one_entry(benchmark::State& state) {
  const Octets octets = encode_entry(one_change());
  if (const auto entry = decode_entry(octets); !entry) {
    state.SkipWithError(entry.error().detail.c_str());
    return;
  }
  for ([[maybe_unused]] auto step : state) {
    benchmark::DoNotOptimize(decode_entry(octets));
  }
}

void chain_one_entry(benchmark::State& state) {
  const Octets octets = encode_entry(one_change());
  Digest256 chain{};
  for ([[maybe_unused]] auto step : state) {
    chain = extend_chain(chain, octets);
    benchmark::DoNotOptimize(chain);
  }
}

BENCHMARK(encode_one_entry);
BENCHMARK(decode_one_entry);
BENCHMARK(chain_one_entry);

}  // namespace
}  // namespace tandem::bench
