// What the records of one zone say about one question (RFC 1034 s4.3.2 step 3).
#pragma once

#include <cstdint>

namespace tandem {

enum class Verdict : std::uint8_t {
  kAnswer,
  kCname,
  kDname,
  kReferral,
  kNoData,
  kNxDomain,
};
constexpr std::size_t kVerdictCount = 6;

}  // namespace tandem
