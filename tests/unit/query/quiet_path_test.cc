// The data plane's promise, held against the engine: no answer allocates, takes a lock or copies a
// shared_ptr. This program replaces operator new and pthread_mutex_lock by ones that count.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>
#include <new>
#include <pthread.h>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/asking.h"
#include "tests/support/proof_chain.h"
#include "tests/support/random_zone.h"
#include "tests/support/zone_text.h"

namespace {

std::atomic<std::size_t> allocations{0};
std::atomic<std::size_t> locks{0};

// NOLINTBEGIN(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory,misc-definitions-in-headers)
void* counted(std::size_t octets, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const std::size_t rounded = (octets + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, std::max(rounded, alignment));
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

}  // namespace

void* operator new(std::size_t octets) {
  return counted(octets, alignof(std::max_align_t));
}

void* operator new(std::size_t octets, std::align_val_t alignment) {
  return counted(octets, static_cast<std::size_t>(alignment));
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*octets*/) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*octets*/, std::align_val_t /*align*/) noexcept {
  std::free(memory);
}

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  using Lock = int (*)(pthread_mutex_t*);
  static const auto real = reinterpret_cast<Lock>(::dlsym(RTLD_NEXT, "pthread_mutex_lock"));
  locks.fetch_add(1, std::memory_order_relaxed);
  return real(mutex);
}

// NOLINTEND(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory,misc-definitions-in-headers)

namespace tandem {
namespace {

struct Asked {
  ZonePtr zone;
  std::vector<Octets> queries;
};

/// A signed zone with everything in it, and many questions for it.
Asked everything() {
  const Name origin = test::name("example.");
  test::RandomZones random(11);
  auto records = random.records(origin, 200);
  static_cast<void>(test::build_what_fits(records, origin));
  test::add_nsec3_chain(records, origin, "AB", 1);
  Asked out{test::build_what_fits(records, origin), {}};
  for (int i = 0; i < 5000; ++i) {
    const bool dnssec = random.below(2) == 0;
    out.queries.push_back(test::query_wire(random.question(records, origin), random.question_type(),
                                           dnssec, dnssec, 1232));
  }
  return out;
}

TEST(QuietPath, TheCountersCount) {
  const std::size_t before = allocations;
  const auto made = std::make_unique<int>(1);
  EXPECT_EQ(*made, 1);
  EXPECT_GT(allocations, before);
  const std::size_t locks_before = locks;
  std::mutex mutex;
  const std::lock_guard lock(mutex);
  EXPECT_GT(locks, locks_before);
}

TEST(QuietPath, AnAnswerNeitherAllocatesNorLocks) {
  const Asked asked = everything();
  test::Asking server({asked.zone});
  std::array<std::uint8_t, 1232> room;
  static_cast<void>(server.raw(asked.queries.front()));  // what is made at the first use
  const std::size_t allocations_before = allocations;
  const std::size_t locks_before = locks;
  for (const Octets& query : asked.queries) {
    static_cast<void>(
        server.engine().answer(server.catalog(), query, Transport::kUdp, room, server.worker()));
  }
  EXPECT_EQ(allocations, allocations_before);
  EXPECT_EQ(locks, locks_before);
}

TEST(QuietPath, AnAnswerCopiesNoSharedPointer) {
  const Asked asked = everything();
  test::Asking server({asked.zone});
  const long at_rest = asked.zone.use_count();
  std::atomic<bool> stop{false};
  long most = 0;
  std::size_t looks = 0;
  std::thread watcher([&] {
    while (!stop) {
      most = std::max(most, asked.zone.use_count());
      ++looks;
    }
  });
  std::array<std::uint8_t, 1232> room;
  for (int round = 0; round < 20; ++round) {
    for (const Octets& query : asked.queries) {
      static_cast<void>(
          server.engine().answer(server.catalog(), query, Transport::kUdp, room, server.worker()));
    }
  }
  stop = true;
  watcher.join();
  EXPECT_GT(looks, 1000U);
  EXPECT_EQ(most, at_rest);
}

}  // namespace
}  // namespace tandem
