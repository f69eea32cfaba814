// The answer to a question by the letter of RFC 1034 s4.3.2, RFC 4592, RFC 6672, RFC 4035 s3.1.3
// and RFC 5155 s7.2 (without opt-out), over a plain map of records: slow, allocating, and meant to
// be seen to be right. What the answer path must agree with.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/dns/message.h"
#include "tests/support/proof_chain.h"
#include "tests/support/random_zone.h"

namespace tandem::test {

/// Sections as sets of lines `owner ttl type rdata`, names in lower case: order and letter case do
/// not matter here.
struct PlainAnswer {
  Rcode rcode = Rcode::kNoError;
  bool is_authoritative = false;
  std::set<std::string> answer;
  std::set<std::string> authority;
  std::set<std::string> additional;

  friend bool operator==(const PlainAnswer&, const PlainAnswer&) = default;
  [[nodiscard]] std::string to_text() const;
};

class NaiveServer {
 public:
  void add_zone(NameView origin, const std::vector<PlainRecord>& records);
  [[nodiscard]] PlainAnswer answer(NameView name, RrType type, bool wants_dnssec) const;

 private:
  using RrSets = std::map<RrType, std::vector<PlainRecord>>;

  struct NaiveZone {
    std::map<Name, RrSets> owners;
    std::set<Name> names;  // owners above and not below cuts, and the empty non-terminals between
    bool has_nsec = false;
    Octets nsec3_parameters;  // rdata of the NSEC3PARAM that is answered from
    std::map<std::string, PlainRecord>
        nsec3;  // of its chain, by hash; no owner of any is in owners
  };

  static void take_nsec3(const Name& origin, NaiveZone& zone);

  [[nodiscard]] const std::pair<const Name, NaiveZone>* zone_for(NameView name, RrType type) const;
  /// One turn of the algorithm; the next name to look for, or nothing when done.
  [[nodiscard]] std::optional<Name> turn(const Name& origin, const NaiveZone& zone, NameView name,
                                         RrType type, bool wants_dnssec, bool is_first,
                                         PlainAnswer& out) const;
  void refer(const Name& origin, const NaiveZone& zone, const Name& cut, bool wants_dnssec,
             PlainAnswer& out) const;
  static void prove_no_name(const NaiveZone& zone, NameView name, NameView encloser,
                            PlainAnswer& out);
  static void prove_no_data(const NaiveZone& zone, NameView name, PlainAnswer& out);
  static void prove_expansion(const NaiveZone& zone, NameView name, NameView encloser,
                              PlainAnswer& out);
  static void add_nsec3_at(const NaiveZone& zone, NameView name, PlainAnswer& out);
  static void add_nsec_before(const NaiveZone& zone, const Name& name, PlainAnswer& out);
  static void add_soa(const Name& origin, const NaiveZone& zone, PlainAnswer& out);

  std::map<Name, NaiveZone> zones_;
};

/// A response off the wire in the same shape. Fails: when it does not parse, or has a record twice
/// in a section.
Result<PlainAnswer> plain_answer_of(OctetSpan wire);

}  // namespace tandem::test
