// A query's octets in, an answer's octets out: the one entrance of every transport.
// Data plane: no lock, no allocation, no logging, no exception.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
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

  /// As many memory accesses as a core keeps on their way; more queries would only push each
  /// other out of the first cache.
  static constexpr std::size_t kQueriesAtOnce = 16;

  /// What one worker owns: room for queries and names, and its counters.
  struct Worker {
    std::array<PendingQuery, kQueriesAtOnce> queries;
    Responder::Scratch scratch;
    WorkerStats stats;
  };

  /// A message and its answer. Requires: `room` overlaps no message; it has at least what header,
  /// question and OPT need, 320 octets. An answer that needs more than there is comes truncated.
  struct Exchange {
    OctetSpan message;
    std::span<std::uint8_t> room;
    // Of the control plane alone, which asks about what was handed over to it.
    bool is_from_control_plane = false;  // nothing is handed over again
    // Until the zone expires, for who asks (RFC 7314).
    std::optional<std::uint32_t> expire_seconds = std::nullopt;

    // Written by answer().
    std::size_t answer_octets = 0;  // 0: send nothing
    bool is_handed_over = false;    // PendingQuery::is_for_control_plane()
  };

  /// Answers `batch` in order, each in its own room. Over TCP only up to the first that is handed
  /// over: what stands behind it has to wait. Returns how many it dealt with.
  std::size_t answer(const Catalog& catalog, std::span<Exchange> batch, Transport transport,
                     Worker& worker) const noexcept;

  /// The same for one message. Returns the octets written to `out`.
  [[nodiscard]] std::size_t answer(const Catalog& catalog, OctetSpan message, Transport transport,
                                   std::span<std::uint8_t> out, Worker& worker) const noexcept;

  [[nodiscard]] std::uint16_t udp_payload() const noexcept { return options_.udp_payload; }

  /// The most octets that an answer to `query` has over UDP (RFC 6891 s6.2.3), 512 at least.
  [[nodiscard]] std::size_t udp_limit(const QueryView& query) const noexcept;

 private:
  void respond(const Catalog& catalog, PendingQuery& pending, Transport transport,
               Exchange& exchange, Worker& worker) const noexcept;
  [[nodiscard]] std::size_t limit_of(const QueryView& query, Transport transport,
                                     std::size_t room) const noexcept;
  [[nodiscard]] EdnsReply edns_of(const QueryView& query, Transport transport, std::size_t limit,
                                  std::optional<std::uint32_t> expire_seconds) const noexcept;
  [[nodiscard]] Responder::Outcome answer_chaos(const QueryView& query,
                                                AnswerWriter& writer) const noexcept;
  [[nodiscard]] std::size_t finish(const QueryView& query, const Responder::Outcome& outcome,
                                   EdnsReply edns, AnswerWriter& writer,
                                   WorkerStats& stats) const noexcept;

  EngineOptions options_;
};

}  // namespace tandem
