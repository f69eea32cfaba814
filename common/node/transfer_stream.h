// A zone, or what changed in it, on its way to somebody: message by message, signed where the
// question was, with its place among the transfers at once. Logs how it ended.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include "common/net/request_queue.h"
#include "common/node/transfer_gate.h"
#include "common/query/transfer_writer.h"
#include "common/transfer/ixfr_writer.h"

namespace tandem {

/// Anybody may read them.
struct TransferStats {
  using Count = std::atomic<std::uint64_t>;

  Count whole{0};              // AXFR, begun
  Count changes{0};            // IXFR answered with changes, begun
  Count whole_for_changes{0};  // IXFR answered with the whole zone, begun
  Count soa_alone{0};          // IXFR answered with the present SOA: nothing is newer, or use TCP
  Count refused_by_rule{0};
  Count refused_by_limit{0};  // as many as there may be go out already
  Count cut{0};               // began and did not come to their end
  Count records{0};
  Count octets{0};
};

/// One thread at a time. Requires: what it counts in, and the gate, outlive it.
class TransferStream final : public AnswerStream {
 public:
  using Writer = std::variant<TransferWriter, IxfrWriter>;

  /// For the log.
  struct Subject {
    std::string what;  // `AXFR`, `IXFR`, or `AXFR for IXFR`
    std::string zone;
    std::uint32_t serial = 0;
    std::string to;
  };

  /// `sign`: each message; empty: they go unsigned.
  TransferStream(Writer writer, std::function<void(Octets&)> sign, Subject subject,
                 TransferGate::Slot slot, TransferStats& stats);
  ~TransferStream() override;

  [[nodiscard]] std::size_t next(std::span<std::uint8_t> room) override;
  [[nodiscard]] bool on_sent() override;

 private:
  [[nodiscard]] std::uint64_t records() const noexcept;
  std::size_t signed_in(std::span<std::uint8_t> room, std::size_t octets);

  Writer writer_;
  std::function<void(Octets&)> sign_;
  Subject subject_;
  TransferGate::Slot slot_;
  TransferStats& stats_;
  bool is_sent_ = false;
};

}  // namespace tandem
