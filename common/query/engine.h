// A query's octets in, an answer's octets out: the one entrance of every transport.
// Data plane: no lock, no allocation, no logging, no exception.
#pragma once

#include <cstdint>
#include <span>

#include "common/base/bytes.h"
#include "common/query/responder.h"
#include "common/query/stats.h"
#include "common/zone/catalog.h"

namespace tandem {

enum class Transport : std::uint8_t { kUdp, kTcp };

struct EngineOptions {
  std::uint16_t udp_payload =
      kDefaultUdpPayload;                 // most octets of a UDP answer, and what we advertise
  std::uint16_t tcp_keepalive_100ms = 0;  // told to TCP clients that ask (RFC 7828); 0: not
  Octets nsid;                            // RFC 5001; empty: not told
  Octets version_text;                    // TXT rdata for version.bind CH; empty: REFUSED
  Octets identity_text;                   // TXT rdata for id.server CH (RFC 4892)
};

class QueryEngine {
 public:
  explicit QueryEngine(EngineOptions options);

  /// What one worker owns: room for names, and its counters.
  struct Worker {
    Responder::Scratch scratch;
    WorkerStats stats;
  };

  /// Writes the answer to `message` into `out` and returns its octets; 0 for "send nothing".
  /// Requires: out does not overlap message; out.size() >= 512, for kUdp at least
  /// options.udp_payload.
  [[nodiscard]] std::size_t answer(const Catalog& catalog, OctetSpan message, Transport transport,
                                   std::span<std::uint8_t> out, Worker& worker) const noexcept;

 private:
  [[nodiscard]] std::size_t limit_of(const QueryView& query, Transport transport,
                                     std::size_t room) const noexcept;
  [[nodiscard]] EdnsReply edns_of(const QueryView& query, Transport transport,
                                  std::size_t limit) const noexcept;
  [[nodiscard]] Responder::Outcome answer_chaos(const QueryView& query,
                                                AnswerWriter& writer) const noexcept;
  [[nodiscard]] std::size_t finish(const QueryView& query, const Responder::Outcome& outcome,
                                   EdnsReply edns, AnswerWriter& writer,
                                   WorkerStats& stats) const noexcept;

  EngineOptions options_;
};

}  // namespace tandem
