// Wide instructions chosen at run time beside what is used instead (docs/decisions/0012): folding
// a name's case, finding the end of a master file's word.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "bench/micro/samples.h"
#include "common/base/check.h"
#include "common/dns/name.h"

#ifdef __x86_64__
#include <immintrin.h>

namespace tandem::bench {
namespace {

constexpr std::size_t kNames = 128;  // all in the first cache: the fold is timed, not the memory
constexpr std::size_t kRoom = 64;

struct Names {
  std::array<std::array<std::uint8_t, kRoom>, kNames> from;
  std::array<std::array<std::uint8_t, kRoom>, kNames> to;
  std::size_t octets;
};

Names names_of(std::size_t octets) {
  Names names{};
  names.octets = octets;
  std::uint8_t next = 0;
  for (auto& name : names.from) {
    for (std::uint8_t& octet : name) {
      octet = static_cast<std::uint8_t>('0' + next++ % 75);  // digits, letters of both cases
    }
  }
  return names;
}

/// Reads and writes up to 31 octets more than the name has, which real buffers would not allow.
__attribute__((target("avx2"))) void fold_avx2(const std::uint8_t* from, std::uint8_t* to,
                                               std::size_t octets) noexcept {
  const __m256i before_a = _mm256_set1_epi8('A' - 1);
  const __m256i after_z = _mm256_set1_epi8('Z' + 1);
  const __m256i bit = _mm256_set1_epi8(0x20);
  for (std::size_t at = 0; at < octets; at += sizeof(__m256i)) {
    const __m256i in = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + at));
    const __m256i upper =
        _mm256_and_si256(_mm256_cmpgt_epi8(in, before_a), _mm256_cmpgt_epi8(after_z, in));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + at),
                        _mm256_or_si256(in, _mm256_and_si256(upper, bit)));
  }
}

using Fold = void (*)(const std::uint8_t*, std::uint8_t*, std::size_t) noexcept;

/// Whether there is anything to compare; says so where there is not.
bool has_avx2(benchmark::State& state) {
  const bool has = __builtin_cpu_supports("avx2");
  if (!has) {
    state.SkipWithError("this processor has no AVX2");
  }
  return has;
}

void fold_eight_octets_a_step(benchmark::State& state) {
  Names names = names_of(static_cast<std::size_t>(state.range(0)));
  for ([[maybe_unused]] auto step : state) {
    for (std::size_t i = 0; i < kNames; ++i) {
      fold_case({names.from[i].data(), names.octets}, {names.to[i].data(), names.octets});
    }
    benchmark::DoNotOptimize(names.to);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kNames));
}

void fold_by_avx2(benchmark::State& state) {
  Names names = names_of(static_cast<std::size_t>(state.range(0)));
  if (!has_avx2(state)) {
    return;
  }
  Fold fold = &fold_avx2;  // as a choice at run time would call it
  benchmark::DoNotOptimize(fold);
  for (std::size_t i = 0; i < kNames; ++i) {
    fold(names.from[i].data(), names.to[i].data(), names.octets);
    std::array<std::uint8_t, kRoom> same{};
    fold_case({names.from[i].data(), names.octets}, {same.data(), names.octets});
    CHECK(std::memcmp(same.data(), names.to[i].data(), names.octets) == 0);
  }
  for ([[maybe_unused]] auto step : state) {
    for (std::size_t i = 0; i < kNames; ++i) {
      fold(names.from[i].data(), names.to[i].data(), names.octets);
    }
    benchmark::DoNotOptimize(names.to);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kNames));
}

BENCHMARK(fold_eight_octets_a_step)->Arg(17)->Arg(25)->Arg(60);
BENCHMARK(fold_by_avx2)->Arg(17)->Arg(25)->Arg(60);

// --- words of a master file

constexpr std::string_view kSpecial = " \t\r\n;()\"\\";

const std::string& master_file() {
  static const std::string text = host_text(100'000);
  return text;
}

consteval std::array<bool, 256> special_octets() {
  std::array<bool, 256> out{};
  for (const char c : kSpecial) {
    out[static_cast<unsigned char>(c)] = true;
  }
  return out;
}

constexpr std::array<bool, 256> kIsSpecial = special_octets();

const char* find_by_table(const char* at, const char* end) noexcept {
  while (at != end && !kIsSpecial[static_cast<unsigned char>(*at)]) {
    ++at;
  }
  return at;
}

/// All special octets are told from others by their two halves: a lookup each, and their meet.
__attribute__((target("avx2"))) const char* find_by_avx2(const char* at, const char* end) noexcept {
  // Bit 0: high half 0 (TAB LF CR); 1: high half 2 (space " ( )); 2: high half 3 (;); 3: 5 (\).
  const __m256i low =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(2, 0, 2, 0, 0, 0, 0, 0, 2, 3, 1, 4, 8, 1, 0, 0));
  const __m256i high =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 0, 2, 4, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i half = _mm256_set1_epi8(0xf);
  while (end - at >= static_cast<std::ptrdiff_t>(sizeof(__m256i))) {
    const __m256i in = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i of_low = _mm256_shuffle_epi8(low, _mm256_and_si256(in, half));
    const __m256i of_high =
        _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(in, 4), half));
    const __m256i none =
        _mm256_cmpeq_epi8(_mm256_and_si256(of_low, of_high), _mm256_setzero_si256());
    const auto found = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(none));
    if (found != 0) {
      return at + std::countr_zero(found);
    }
    at += sizeof(__m256i);
  }
  return find_by_table(at, end);
}

template <class Find>
void find_words(benchmark::State& state, Find find) {
  const std::string& text = master_file();
  const char* const end = text.data() + text.size();
  std::size_t words = 0;
  for ([[maybe_unused]] auto step : state) {
    for (const char* at = text.data(); at != end;) {
      const char* const word = find(at, end);
      words += word != at ? 1U : 0U;
      at = word == end ? end : word + 1;
    }
    benchmark::DoNotOptimize(words);
  }
  CHECK(words > 0);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void words_by_table(benchmark::State& state) {
  find_words(state, find_by_table);
}

void words_by_avx2(benchmark::State& state) {
  if (!has_avx2(state)) {
    return;
  }
  const std::string& text = master_file();
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end; ++at) {
    CHECK(find_by_avx2(at, end) == find_by_table(at, end));
  }
  auto find = &find_by_avx2;
  benchmark::DoNotOptimize(find);
  find_words(state, find);
}

BENCHMARK(words_by_table)->Unit(benchmark::kMillisecond);
BENCHMARK(words_by_avx2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tandem::bench
#endif
