// A whole answer, octets in to octets out, without sockets: what the server adds to the echo floor.
#include <memory>

#include <benchmark/benchmark.h>

#include "bench/micro/samples.h"
#include "common/query/engine.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kQueries = 1U << 16U;  // so many that no cache holds their names

struct Room {
  std::array<std::uint8_t, 1280> out{};
  QueryEngine::Worker worker;
};

void answer_one(benchmark::State& state, const ZonePtr& zone, std::string_view name, RrType type) {
  Catalog catalog;
  catalog.put({zone, ServeState::kServing});
  const QueryEngine engine(EngineOptions{});
  const auto room = std::make_unique<Room>();
  const Octets query = query_of(name, type);
  std::size_t octets = 0;
  for ([[maybe_unused]] auto step : state) {
    octets = engine.answer(catalog, query, Transport::kUdp, room->out, room->worker);
    benchmark::DoNotOptimize(room->out);
  }
  state.counters["octets"] = static_cast<double>(octets);
}

ZonePtr home() {
  return zone_of(home_text(), kHomeOrigin);
}

void answer_hit(benchmark::State& state) {
  answer_one(state, home(), "grafana.infoedu.co.kr.", RrType::kA);
}

void answer_apex_addresses(benchmark::State& state) {
  answer_one(state, home(), "infoedu.co.kr.", RrType::kA);
}

void answer_no_data(benchmark::State& state) {
  answer_one(state, home(), "grafana.infoedu.co.kr.", RrType::kAaaa);
}

void answer_nxdomain(benchmark::State& state) {
  answer_one(state, home(), "nope.infoedu.co.kr.", RrType::kA);
}

void answer_referral(benchmark::State& state) {
  answer_one(state, home(), "www.cut.infoedu.co.kr.", RrType::kA);
}

void answer_refused(benchmark::State& state) {
  answer_one(state, home(), "www.example.org.", RrType::kA);
}

BENCHMARK(answer_hit);
BENCHMARK(answer_apex_addresses);
BENCHMARK(answer_no_data);
BENCHMARK(answer_nxdomain);
BENCHMARK(answer_referral);
BENCHMARK(answer_refused);

/// Names all over a zone that no cache holds; every tenth is not there.
void answer_from_a_million(benchmark::State& state) {
  std::vector<Octets> queries;
  std::uint32_t at = 1;
  for (std::size_t i = 0; i < kQueries; ++i) {
    at = at * 1'664'525U +
         1'013'904'223U;  // Numerical Recipes' generator: any order without a pattern will do
    queries.push_back(
        query_of(fmt::format("host{:07}.example.com.", (at >> 8U) % 1'100'000U), RrType::kA));
  }
  Catalog catalog;
  catalog.put({million_hosts(), ServeState::kServing});
  const QueryEngine engine(EngineOptions{});
  const auto batch_size = static_cast<std::size_t>(state.range(0));
  const auto room = std::make_unique<Room>();
  std::vector<std::array<std::uint8_t, 1280>> rooms(batch_size);
  std::vector<QueryEngine::Exchange> batch(batch_size);
  std::size_t next = 0;
  for ([[maybe_unused]] auto step : state) {
    for (std::size_t i = 0; i < batch_size; ++i) {
      batch[i] = {.message = queries[next++ % kQueries], .room = rooms[i]};
    }
    engine.answer(catalog, batch, Transport::kUdp, room->worker);
    benchmark::DoNotOptimize(batch.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(next));
}

BENCHMARK(answer_from_a_million)->ArgName("batch")->Arg(1)->Arg(64);

}  // namespace
}  // namespace tandem::bench
