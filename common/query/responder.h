// From a parsed question to the sections of its answer: follows CNAMEs and DNAMEs through our
// zones, adds referral glue, negative SOA and DNSSEC proofs. Data plane: no allocation, no
// exception.
#pragma once

#include <array>
#include <cstdint>

#include "common/dns/query_view.h"
#include "common/query/answer_writer.h"
#include "common/query/lookup.h"
#include "common/query/stats.h"
#include "common/zone/catalog.h"

namespace tandem {

class Responder {
 public:
  struct Outcome {
    Rcode rcode = Rcode::kNoError;
    bool is_authoritative = false;
    bool is_truncated = false;
    ExtendedError error = ExtendedError::kNone;
  };

  static constexpr std::size_t kMaxHops = 16;  // CNAMEs and DNAMEs followed for one question

  /// An NSEC or NSEC3 set that the authority section shall have. They wait until the answer section
  /// is complete: a wildcard's proof belongs behind the end of the chain that the wildcard starts.
  struct Proof {
    NodeView node{};
    RrSetView set{};
    std::size_t origin_at = 0;  // where the zone's origin stands in the message
  };

  /// One for each wildcard on the way, and three for the end of it (RFC 5155 s7.2.2).
  static constexpr std::size_t kMaxProofs = kMaxHops + 3;

  /// The worker's room; not reset between queries, so that a query pays only for what it uses.
  struct Scratch {
    NameKey key;                                // the name being looked up
    NameKey glue;                               // a name server's
    std::array<std::uint64_t, kMaxHops> names;  // hashes of those looked up so far
    std::array<RrSetView, kMaxHops> dnames;     // DNAME sets already in the answer
    std::array<Proof, kMaxProofs> proofs;
  };

  Responder(const Catalog& catalog, const QueryView& query, AnswerWriter& writer, Scratch& scratch,
            WorkerStats& stats) noexcept
      : catalog_(catalog), query_(query), writer_(writer), scratch_(scratch), stats_(stats) {}

  /// Fills the writer's sections. Requires: class IN, a type that is answered from zones.
  [[nodiscard]] Outcome run() noexcept;

 private:
  enum class Next : std::uint8_t { kDone, kFollow };

  [[nodiscard]] const CatalogEntry* find_zone(const NameKey& key) const noexcept;
  Next add(const Zone& zone, const Lookup& found) noexcept;
  Next add_cname(const Zone& zone, const Lookup& found) noexcept;
  Next add_dname(const Lookup& found) noexcept;
  void add_answer(const Zone& zone, const Lookup& found) noexcept;
  void add_referral(const Zone& zone, const Lookup& found) noexcept;
  void add_glue_from_elsewhere(const Zone& zone, RrSetView glue, RrSetView ns, std::size_t ns_at,
                               NameView cut) noexcept;
  void add_negative(const Zone& zone, const Lookup& found) noexcept;
  [[nodiscard]] bool was_here() noexcept;
  [[nodiscard]] bool has_dname(RrSetView set) const noexcept;

  // Proofs of what is not there (RFC 4035 s3.1.3, RFC 5155 s7.2), in denial.cc.
  void add_denial(const Zone& zone, const Lookup& found) noexcept;
  void add_nsec_denial(const Zone& zone, const Lookup& found) noexcept;
  void add_nsec3_denial(const Zone& zone, const Lookup& found) noexcept;
  void add_wildcard_proof(const Zone& zone, const Lookup& found) noexcept;
  void add_no_ds_proof(const Zone& zone, const Lookup& found) noexcept;
  void add_nsec_covering(const Zone& zone, OctetSpan relative) noexcept;
  void add_nsec3_of(const Zone& zone, NameView name) noexcept;
  std::size_t add_nsec3_closest_encloser(const Zone& zone, std::size_t encloser) noexcept;
  bool add_matching_nsec3(const Zone& zone, NameView name) noexcept;
  void want_proof(const Zone& zone, NodeView node, RrType type) noexcept;
  void put_proofs() noexcept;

  [[nodiscard]] OctetSpan relative_name(const Zone& zone) const noexcept {
    return scratch_.key.name().wire().first(scratch_.key.size() - zone.origin().size());
  }

  [[nodiscard]] bool proves(const Zone& zone) const noexcept {
    return query_.edns.wants_dnssec && zone.is_signed();
  }

  [[nodiscard]] Parts parts() const noexcept {
    return query_.edns.wants_dnssec ? Parts::kRecordsAndSigs : Parts::kRecords;
  }

  void need(bool fits) noexcept { outcome_.is_truncated = outcome_.is_truncated || !fits; }

  const Catalog& catalog_;
  const QueryView& query_;
  AnswerWriter& writer_;
  Scratch& scratch_;
  WorkerStats& stats_;
  Outcome outcome_;
  NamePlace place_;  // where the name being looked up stands in the message

  std::size_t hops_ = 0;
  std::size_t dname_count_ = 0;
  std::size_t proof_count_ = 0;
};

}  // namespace tandem
