// From a parsed question to the sections of its answer: follows CNAMEs and DNAMEs through our
// zones, adds referral glue, negative SOA and DNSSEC proofs. Data plane: no allocation, no
// exception.
#pragma once

#include <array>
#include <cstdint>

#include "common/query/answer_writer.h"
#include "common/query/pending_query.h"
#include "common/query/stats.h"

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
    NameKey glue;                               // a name server's
    std::array<std::uint64_t, kMaxHops> names;  // hashes of those looked up so far
    std::array<RrSetView, kMaxHops> dnames;     // DNAME sets already in the answer
    std::array<Proof, kMaxProofs> proofs;
  };

  /// Requires: `pending` is for zones and has been looked up.
  Responder(const Catalog& catalog, PendingQuery& pending, AnswerWriter& writer, Scratch& scratch,
            WorkerStats& stats) noexcept
      : catalog_(catalog),
        pending_(pending),
        query_(pending.query),
        key_(pending.key),
        writer_(writer),
        scratch_(scratch),
        stats_(stats) {}

  /// Fills the writer's sections.
  [[nodiscard]] Outcome run() noexcept;

 private:
  enum class Next : std::uint8_t { kDone, kFollow };

  Next add_from(const CatalogEntry& entry, const Lookup& found) noexcept;
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
    return key_.name().wire().first(key_.size() - zone.origin().size());
  }

  [[nodiscard]] bool proves(const Zone& zone) const noexcept {
    return query_.edns.wants_dnssec && zone.is_signed();
  }

  [[nodiscard]] Parts parts() const noexcept {
    return query_.edns.wants_dnssec ? Parts::kRecordsAndSigs : Parts::kRecords;
  }

  void need(bool fits) noexcept { outcome_.is_truncated = outcome_.is_truncated || !fits; }

  const Catalog& catalog_;
  const PendingQuery& pending_;
  const QueryView& query_;
  NameKey& key_;  // the name being looked up: asked for, or where a CNAME or DNAME leads
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
