// What decides everything in a simulation: the same seed throws the same.
#pragma once

#include <cstdint>
#include <random>

namespace tandem::test {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  /// 0 up to and without `end`. Requires: end > 0.
  std::uint64_t below(std::uint64_t end) { return engine_() % end; }

  std::uint64_t between(std::uint64_t first, std::uint64_t last) {
    return first + below(last - first + 1);
  }

  bool one_in(std::uint64_t times) { return below(times) == 0; }

 private:
  std::mt19937_64 engine_;  // the standard says what it gives
};

}  // namespace tandem::test
