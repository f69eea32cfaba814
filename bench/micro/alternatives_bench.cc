// What was chosen beside what was not: the hash index against a qp-trie (docs/decisions/0009), the
// ways to a next version and to the newest one (docs/decisions/0010).
#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <thread>

#include <benchmark/benchmark.h>

#include "bench/micro/qp_trie.h"
#include "bench/micro/samples.h"
#include "common/base/check.h"
#include "common/base/snapshot_cell.h"
#include "common/zone/name_key.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kHosts = 1'000'000;
constexpr std::size_t kAsked = 1U << 17U;  // names, so many that no cache has their places
constexpr std::size_t kBatch = 16;         // as the engine's passes
constexpr std::size_t kOriginOctets = 13;

/// Where the name of a node stands, as the 32 bits that a leaf has room for.
class Places {
 public:
  static std::uint32_t of(const std::uint8_t* name) {
    const auto steps = reinterpret_cast<std::uintptr_t>(name) / kStep - base();
    CHECK(reinterpret_cast<std::uintptr_t>(name) % kStep == 0 && steps <= 0xffff'ffffU);
    return static_cast<std::uint32_t>(steps);
  }

  static const std::uint8_t* at(std::uint32_t place) noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): as an arena does with its offsets
    return reinterpret_cast<const std::uint8_t*>((place + base()) * kStep);
  }

 private:
  static constexpr std::uintptr_t kStep = 4;

  /// So that the first name's node is in the middle of what can be named.
  static std::uintptr_t base() noexcept {
    static const std::uintptr_t first =
        reinterpret_cast<std::uintptr_t>(million_hosts()->apex().relative_name().data()) / kStep -
        0x8000'0000U;
    return first;
  }
};

const std::vector<QpTrie::Item>& hosts() {
  static const std::vector<QpTrie::Item> made = [] {
    std::vector<QpTrie::Item> out;
    for (auto walker = million_hosts()->walk(); walker.valid(); walker.next()) {
      const OctetSpan name = walker.node().relative_name();
      if (!name.empty()) {
        out.push_back({name, Places::of(name.data())});
      }
    }
    return out;
  }();
  return made;
}

QpTrie& trie() {
  static QpTrie made(hosts());
  return made;
}

/// A tenth of the names are not there; each has `extra` labels in front.
std::vector<Name> asked(std::size_t extra) {
  std::mt19937 random(7);
  std::vector<Name> names;
  for (std::size_t i = 0; i < kAsked; ++i) {
    std::string text = fmt::format("host{:07}.example.com.", random() % (kHosts * 10 / 9));
    for (std::size_t label = 0; label < extra; ++label) {
      text.insert(0, "abc.");
    }
    names.push_back(*Name::from_text(text));
  }
  return names;
}

OctetSpan relative_of(NameView name) {
  return name.wire().first(name.size() - kOriginOctets);
}

/// The value, if it is that of the name.
std::uint32_t verified(std::uint32_t value, OctetSpan relative) {
  const bool is_it =
      value != 0 && std::memcmp(Places::at(value), relative.data(), relative.size()) == 0;
  return is_it ? value : 0;
}

std::uint32_t find_in_trie(const TrieKey& key, OctetSpan relative) {
  return verified(trie().find(key), relative);
}

void count(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}

/// Goes through the names, a batch at each step.
template <class Look>
void each_batch(benchmark::State& state, const Look& look) {
  static const std::vector<Name> names = asked(0);
  std::size_t at = 0;
  for ([[maybe_unused]] auto step : state) {
    look(std::span(names).subspan(at, kBatch));
    at = (at + kBatch) % names.size();
  }
  count(state);
}

void find_hash_alone(benchmark::State& state) {
  const Zone& zone = *million_hosts();
  NameKey key;
  each_batch(state, [&](std::span<const Name> names) {
    for (const Name& name : names) {
      key.assign(name);
      benchmark::DoNotOptimize(zone.find(key, key.label_count()));
    }
  });
}

void find_hash_in_passes(benchmark::State& state) {
  const Zone& zone = *million_hosts();
  std::array<NameKey, kBatch> keys;
  each_batch(state, [&](std::span<const Name> names) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      keys[i].assign(names[i]);
      zone.prefetch(keys[i]);
    }
    for (const NameKey& key : keys) {
      zone.prefetch_nodes(key);
    }
    for (const NameKey& key : keys) {
      benchmark::DoNotOptimize(zone.find(key, key.label_count()));
    }
  });
}

void find_trie_alone(benchmark::State& state) {
  for (const Name& name : asked(0)) {
    TrieKey key;
    key.assign(relative_of(name));
    const NameKey hashed(name);
    CHECK((find_in_trie(key, relative_of(name)) != 0) ==
          static_cast<bool>(million_hosts()->find(hashed, hashed.label_count())));
  }
  TrieKey key;
  each_batch(state, [&](std::span<const Name> names) {
    for (const Name& name : names) {
      key.assign(relative_of(name));
      benchmark::DoNotOptimize(find_in_trie(key, relative_of(name)));
    }
  });
}

/// All walks of a batch go down together, each step asked for one round ahead.
void find_trie_in_passes(benchmark::State& state) {
  const QpTrie& names_trie = trie();
  std::array<TrieKey, kBatch> keys;
  std::array<std::uint32_t, kBatch> at{};
  each_batch(state, [&](std::span<const Name> names) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      keys[i].assign(relative_of(names[i]));
      at[i] = names_trie.root();
    }
    for (bool goes_on = true; goes_on;) {
      goes_on = false;
      for (std::size_t i = 0; i < kBatch; ++i) {
        const QpTrie::Node& node = names_trie.node(at[i]);
        if (at[i] != 0 && node.is_branch()) {
          at[i] = QpTrie::below(node, keys[i]);
          __builtin_prefetch(&names_trie.node(at[i]));
          goes_on = true;
        }
      }
    }
    for (const std::uint32_t leaf : at) {
      __builtin_prefetch(Places::at(names_trie.node(leaf).ref));
    }
    for (std::size_t i = 0; i < kBatch; ++i) {
      benchmark::DoNotOptimize(verified(names_trie.node(at[i]).ref, relative_of(names[i])));
    }
  });
}

BENCHMARK(find_hash_alone);
BENCHMARK(find_hash_in_passes);
BENCHMARK(find_trie_alone);
BENCHMARK(find_trie_in_passes);

/// Labels of the closest encloser, for names with state.range(0) labels below the hosts.
template <class Look>
void each_deep_name(benchmark::State& state, const Look& look) {
  const std::vector<Name> names = asked(static_cast<std::size_t>(state.range(0)));
  std::size_t at = 0;
  for ([[maybe_unused]] auto step : state) {
    benchmark::DoNotOptimize(look(names[at]));
    at = (at + 1) % names.size();
  }
  state.SetItemsProcessed(state.iterations());
}

std::size_t encloser_by_hash(const Name& name) {
  static NameKey key;
  key.assign(name);
  std::size_t labels = key.label_count();
  while (!million_hosts()->find(key, labels)) {
    --labels;
  }
  return labels;
}

std::size_t encloser_by_trie(const Name& name) {
  static TrieKey key;
  static TrieKey near;
  key.assign(relative_of(name));
  const std::uint8_t* const host = Places::at(trie().nearest(key));
  near.assign({host, 1U + host[0]});  // the hosts have one label
  const std::size_t same = key.common(near);
  std::size_t labels = 2;
  for (std::size_t i = 0; i < same; ++i) {
    labels += key.at(i) == 0 ? 1U : 0U;
  }
  return labels;
}

void encloser_hash(benchmark::State& state) {
  each_deep_name(state, encloser_by_hash);
}

void encloser_trie(benchmark::State& state) {
  static_cast<void>(trie());
  for (const Name& name : asked(static_cast<std::size_t>(state.range(0)))) {
    CHECK(encloser_by_trie(name) == encloser_by_hash(name));
  }
  each_deep_name(state, encloser_by_trie);
}

BENCHMARK(encloser_hash)->Arg(1)->Arg(5);
BENCHMARK(encloser_trie)->Arg(1)->Arg(5);

// --- the next version

/// One name of a million gets another node, in the index alone.
void next_version_hash(benchmark::State& state) {
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> hashes(kHosts);
  HashIndex index(kHosts);
  const HashIndex::Rehash hash_of = [&](ArenaOffset offset) { return hashes[offset - 1]; };
  for (std::size_t i = 0; i < kHosts; ++i) {
    hashes[i] = random();
    index.insert(hashes[i], static_cast<ArenaOffset>(i + 1), hash_of);
  }
  std::size_t at = 0;
  for ([[maybe_unused]] auto step : state) {
    HashIndex next = index;
    const auto offset = static_cast<ArenaOffset>(at + 1);
    next.replace(hashes[at], offset, offset + kHosts);
    next.replace(hashes[at], offset + kHosts, offset);
    index = std::move(next);  // frees what only the old version had
    at = (at + 7919) % kHosts;
  }
}

void next_version_trie(benchmark::State& state) {
  QpTrie changed(hosts());
  TrieKey key;
  std::size_t at = 1;
  std::size_t copied = 0;
  for ([[maybe_unused]] auto step : state) {
    key.assign(hosts()[at].relative);
    copied += changed.replace(key, hosts()[at].value);
    at = (at + 7919) % kHosts;
  }
  state.counters["octets"] = static_cast<double>(copied) / static_cast<double>(state.iterations());
  state.counters["octets_a_name"] =
      static_cast<double>(trie().memory_octets()) / static_cast<double>(hosts().size());
}

BENCHMARK(next_version_hash)->Iterations(200'000);
BENCHMARK(next_version_trie)->Iterations(200'000);

// --- the way to the newest version, while another thread makes a thousand of them a second

class Publishing {
 public:
  explicit Publishing(std::function<void()> publish)
      : thread_([publish = std::move(publish)](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            publish();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
        }) {}

 private:
  std::jthread thread_;
};

void newest_by_hazard_slot(benchmark::State& state) {
  SnapshotCell<int> cell(std::make_shared<const int>(0));
  const Publishing publishing([&] { cell.publish(std::make_shared<const int>(1)); });
  auto reader = cell.reader();
  for ([[maybe_unused]] auto step : state) {
    benchmark::DoNotOptimize(reader.pin());
    reader.unpin();
  }
}

/// The reader says in which epoch it reads; what it costs is the same whoever frees.
void newest_by_epoch(benchmark::State& state) {
  std::atomic<const int*> newest = new int(0);  // NOLINT: freed below, by nobody while it is read
  std::atomic<std::uint64_t> epoch = 1;

  struct alignas(64) Slot {
    std::atomic<std::uint64_t> reads_in = 0;
  } slot;

  {
    const Publishing publishing([&] {
      const int* const gone = newest.exchange(new int(1));  // NOLINT
      const std::uint64_t now = ++epoch;
      while (slot.reads_in != 0 && slot.reads_in < now) {
        std::this_thread::yield();
      }
      delete gone;  // NOLINT
    });
    for ([[maybe_unused]] auto step : state) {
      slot.reads_in.store(epoch.load(std::memory_order_acquire), std::memory_order_seq_cst);
      benchmark::DoNotOptimize(*newest.load(std::memory_order_seq_cst));
      slot.reads_in.store(0, std::memory_order_release);
    }
  }
  delete newest.load();  // NOLINT
}

void newest_by_shared_pointer(benchmark::State& state) {
  std::atomic<std::shared_ptr<const int>> newest = std::make_shared<const int>(0);
  const Publishing publishing([&] { newest.store(std::make_shared<const int>(1)); });
  for ([[maybe_unused]] auto step : state) {
    benchmark::DoNotOptimize(*newest.load());
  }
}

BENCHMARK(newest_by_hazard_slot);
BENCHMARK(newest_by_epoch);
BENCHMARK(newest_by_shared_pointer);

}  // namespace
}  // namespace tandem::bench
