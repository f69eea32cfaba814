// Counters of one worker. The worker alone adds, with plain loads and stores; anybody may read and
// sum.
#pragma once

#include <array>
#include <cstdint>

#include "common/base/counter.h"
#include "common/dns/types.h"
#include "common/query/verdict.h"

namespace tandem {

/// On cache lines of its own, because the worker next door has one too.
struct alignas(128) WorkerStats {
  static constexpr std::size_t kRcodes = 24;

  Counter queries;
  Counter answers;
  Counter dropped;      // no answer by intent: answers to us, no header
  Counter handed_over;  // to be answered by the control plane
  Counter truncated;
  Counter edns;
  Counter dnssec_ok;
  Counter octets_in;
  Counter octets_out;
  Counter send_failed;  // the kernel did not take the answer
  std::array<Counter, kRcodes> rcode;
  std::array<Counter, kVerdictCount> verdict;

  void count_rcode(Rcode code) noexcept {
    const auto at = static_cast<std::size_t>(code);
    rcode[at < kRcodes ? at : kRcodes - 1].add();
  }
};

}  // namespace tandem
