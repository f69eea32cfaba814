// What an answer costs a worker while another one works beside it, without sockets: one thread for
// each CPU named, which share catalog, snapshot cell and engine and have queries, rooms and
// counters of their own, as the workers of a node do. Prints one line of JSON with the nanoseconds
// of CPU that each thread needed for an answer. Who else uses the machine takes time from a thread,
// but not CPU time; so what is more than one thread alone needs comes from what the threads share.
#include <atomic>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/micro/samples.h"
#include "common/base/clock.h"
#include "common/base/snapshot_cell.h"
#include "common/query/engine.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kOctets = 1280;
constexpr std::size_t kBatchesPerLook = 1000;  // at the time

/// What all threads share.
struct Shared {
  explicit Shared(std::size_t expected) : missing(expected) {}

  QueryEngine engine{EngineOptions{}};
  SnapshotCell<Catalog> cell{std::make_shared<const Catalog>()};
  std::atomic<std::size_t> missing;  // threads that have not begun yet
};

/// One thread's own, made in a row with the others as Node makes its workers.
struct Side {
  int cpu = 0;
  std::vector<Octets> queries;
  std::array<std::array<std::uint8_t, kOctets>, QueryEngine::kQueriesAtOnce> rooms{};
  QueryEngine::Worker worker;
  double ns_per_answer = 0;
};

void stay_on(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  static_cast<void>(::pthread_setaffinity_np(::pthread_self(), sizeof set, &set));
}

double cpu_ns() {
  timespec now{};
  static_cast<void>(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now));
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// A turn of UdpWorker without its socket.
std::size_t answer_batch(Shared& shared, Side& side, SnapshotCell<Catalog>::Reader& reader) {
  std::array<QueryEngine::Exchange, QueryEngine::kQueriesAtOnce> batch{};
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i] = {.message = side.queries[i % side.queries.size()], .room = side.rooms[i]};
  }
  const std::size_t done = shared.engine.answer(reader.pin(), batch, Transport::kUdp, side.worker);
  reader.unpin();
  return done;
}

void work(Shared& shared, Side& side, double seconds) {
  stay_on(side.cpu);
  auto reader = shared.cell.reader();
  shared.missing.fetch_sub(1);
  while (shared.missing.load() > 0) {
    std::this_thread::yield();
  }
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  const double before = cpu_ns();
  std::size_t answers = 0;
  while (Clock::now() < end) {
    for (std::size_t i = 0; i < kBatchesPerLook; ++i) {
      answers += answer_batch(shared, side, reader);
    }
  }
  side.ns_per_answer = (cpu_ns() - before) / static_cast<double>(answers);
}

std::vector<double> measure(const std::vector<int>& cpus, double seconds) {
  Shared shared(cpus.size());
  auto catalog = std::make_shared<Catalog>();
  catalog->put({zone_of(home_text(), kHomeOrigin), ServeState::kServing});
  shared.cell.publish(std::move(catalog));
  std::vector<std::unique_ptr<Side>> sides;
  for (const int cpu : cpus) {
    auto side = std::make_unique<Side>();
    side->cpu = cpu;
    for (const std::string_view owner : {"grafana", "jenkins", "xgen", "nope"}) {
      side->queries.push_back(query_of(fmt::format("{}.{}", owner, kHomeOrigin), RrType::kA));
    }
    sides.push_back(std::move(side));
  }
  std::vector<std::jthread> threads;
  threads.reserve(sides.size());
  for (const auto& side : sides) {
    threads.emplace_back([&shared, &side, seconds] { work(shared, *side, seconds); });
  }
  threads.clear();
  std::vector<double> costs;
  costs.reserve(sides.size());
  for (const auto& side : sides) {
    costs.push_back(side->ns_per_answer);
  }
  return costs;
}

}  // namespace
}  // namespace tandem::bench

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown ends the tool and says why
int main(int count, char** words) {
  std::vector<int> cpus{0};
  double seconds = 1;
  CLI::App app("What an answer costs each of several workers side by side");
  app.add_option("--cpus", cpus, "one thread on each")->delimiter(',')->capture_default_str();
  app.add_option("--seconds", seconds)->capture_default_str();
  CLI11_PARSE(app, count, words);
  fmt::print("{{\"ns\":[{:.2f}]}}\n", fmt::join(tandem::bench::measure(cpus, seconds), ","));
  return 0;
}
