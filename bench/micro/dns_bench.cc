// Octets and text: a query's parse, and a master file's.
#include <benchmark/benchmark.h>

#include "bench/micro/samples.h"
#include "common/dns/master_file.h"
#include "common/dns/query_view.h"

namespace tandem::bench {
namespace {

void parse_one_query(benchmark::State& state) {
  const Octets query = query_of("grafana.infoedu.co.kr.", RrType::kA);
  for ([[maybe_unused]] auto step : state) {
    QueryView view;
    benchmark::DoNotOptimize(parse_query(query, view));
    benchmark::DoNotOptimize(view);
  }
}

BENCHMARK(parse_one_query);

/// Text to records, without a zone made of them.
void parse_a_master_file(benchmark::State& state) {
  const auto hosts = static_cast<std::size_t>(state.range(0));
  const std::string text = host_text(hosts);
  MasterFileOptions options;
  options.file_name = "sample";
  std::int64_t records = 0;
  for ([[maybe_unused]] auto step : state) {
    const MasterFileReport report = parse_master_file(
        text, options,
        [&records](const MasterFileRecord& record) { records += record.rdata.empty() ? 0 : 1; });
    benchmark::DoNotOptimize(report.record_count);
  }
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}

BENCHMARK(parse_a_master_file)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tandem::bench
