// The zone in memory: hashing a name, making a zone, and the next version of a large one.
#include <span>

#include <benchmark/benchmark.h>

#include "bench/micro/samples.h"
#include "common/zone/name_key.h"

namespace tandem::bench {
namespace {

void hash_every_suffix(benchmark::State& state) {
  const Octets query = query_of("grafana.infoedu.co.kr.", RrType::kA);
  const NameView name = NameView::unchecked(
      OctetSpan(query).subspan(12, wire_name_octets(OctetSpan(query).subspan(12))));
  NameKey key;
  for ([[maybe_unused]] auto step : state) {
    key.assign(name);
    benchmark::DoNotOptimize(key);
  }
}

BENCHMARK(hash_every_suffix);

/// Text to a zone that can be answered from.
void load_a_zone(benchmark::State& state) {
  const auto hosts = static_cast<std::size_t>(state.range(0));
  const std::string text = host_text(hosts);
  for ([[maybe_unused]] auto step : state) {
    benchmark::DoNotOptimize(zone_of(text, kHostOrigin));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(hosts));
}

BENCHMARK(load_a_zone)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

/// One address and the serial, in a zone of a million; each version is made of the one before.
void change_one_of_a_million(benchmark::State& state) {
  ZonePtr zone = million_hosts();
  std::uint32_t serial = 1;
  for ([[maybe_unused]] auto step : state) {
    state.PauseTiming();
    const std::uint32_t host = serial * 7919 % 1'000'000;  // a prime: no host comes twice
    const Changeset change = host_change(host, 10, 11, serial);
    state.ResumeTiming();
    auto changed = zone->apply(std::span(&change, 1), ZoneLimits{});
    if (!changed) {
      state.SkipWithError(changed.error().detail.c_str());
      return;
    }
    zone = *std::move(changed);
    ++serial;
  }
}

BENCHMARK(change_one_of_a_million)->Iterations(20'000);

}  // namespace
}  // namespace tandem::bench
