// Any octets as a query over UDP and TCP: every answer parses back, repeats the question, keeps to
// its limit; where the question is a plain one the naive server must say the same.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <fmt/core.h>

#include "common/base/check.h"
#include "common/dns/edns.h"
#include "common/query/engine.h"
#include "tests/support/asking.h"
#include "tests/support/naive_answer.h"
#include "tests/support/random_zone.h"
#include "tests/support/zone_text.h"

namespace tandem {
namespace {

constexpr std::uint64_t kSeed = 20'261'122;
constexpr std::size_t kNames = 40;
constexpr std::uint16_t kOpcodeBits = 0x7800;
constexpr std::size_t kLongestNsid = 255;  // longer than the configuration allows

/// Three random zones: one plain, one signed with NSEC, one below the first.
struct Fixture {
  test::NaiveServer naive;
  test::Asking server;

  Fixture() : server(zones(naive), options()) {}

  static EngineOptions options() {
    EngineOptions out;
    out.nsid = Octets(kLongestNsid, 'n');
    out.tcp_keepalive_100ms = 100;
    return out;
  }

  static std::vector<ZonePtr> zones(test::NaiveServer& naive) {
    test::RandomZones random(kSeed);
    std::vector<ZonePtr> out;
    for (const char* const text : {"example.", "signed.", "a.example."}) {
      const Name origin = test::name(text);
      auto records = random.records(origin, kNames);
      out.push_back(test::build_what_fits(records, origin));
      if (origin == test::name("signed.")) {
        test::add_nsec_chain(records, origin);
        out.back() = test::build_what_fits(records, origin);
      }
      naive.add_zone(origin, records);
    }
    return out;
  }
};

/// A pointer in a question, or to a zero octet as the owner of OPT (RFC 6891 s6.1.2), is FORMERR
/// here; the parser of tests is more patient.
bool is_uncompressed(OctetSpan query, const Message& parsed) {
  const OctetSpan wire = parsed.questions.front().name.wire();
  const std::size_t after_question = 12 + wire.size() + 4;
  return query.size() >= after_question && equal(query.subspan(12, wire.size()), wire) &&
         (parsed.additionals.empty() || query[after_question] == 0);
}

bool is_plain(const Message& query) {
  if (query.questions.size() != 1 || query.questions.front().rr_class != RrClass::kIn ||
      (query.flags & (kFlagQr | kFlagTc | kOpcodeBits)) != 0 || !query.answers.empty() ||
      !query.authorities.empty() || query.additionals.size() > 1) {
    return false;
  }
  // Those that are not answered from zones, and "any one RRset", which names no one answer; so does
  // RRSIG (docs/differences.md, rrsig-is-one-rrset, rrsig-at-an-alias).
  const auto type = static_cast<std::uint16_t>(query.questions.front().type);
  const bool is_meta = type == 0 || type == 41 || type == 46 || (type >= 128 && type <= 255);
  const bool has_edns = !query.additionals.empty();
  return !is_meta && (!has_edns || (query.additionals.front().type == RrType::kOpt &&
                                    query.additionals.front().owner.is_root() &&
                                    (query.additionals.front().ttl & ~kEdnsDoBit) == 0 &&
                                    query.additionals.front().rdata.empty()));
}

void check_answer(OctetSpan query, const Octets& answer) {
  CHECK(query.size() >= 12 && answer.size() >= 12);
  CHECK((query[2] & 0x80U) == 0);   // never an answer to an answer
  CHECK((answer[2] & 0x80U) != 0);  // QR
  CHECK(answer[0] == query[0] && answer[1] == query[1]);
  CHECK(test::plain_answer_of(answer).has_value());  // no record twice
  const auto message = parse_message(answer);
  if (!message->questions.empty()) {
    const std::size_t octets = message->questions.front().name.wire().size() + 4;
    CHECK(query.size() >= 12 + octets &&
          equal(query.subspan(12, octets), OctetSpan(answer).subspan(12, octets)));
  }
}

void check_against_naive(Fixture& fixture, OctetSpan octets, const Octets& answer) {
  const auto query = parse_message(octets);
  if (!query || !is_plain(*query) || !is_uncompressed(octets, *query)) {
    return;
  }
  const bool wants_dnssec =
      !query->additionals.empty() && (query->additionals.front().ttl & kEdnsDoBit) != 0;
  const auto ours = test::plain_answer_of(answer);
  CHECK(ours.has_value());
  const test::PlainAnswer expected = fixture.naive.answer(
      query->questions.front().name, query->questions.front().type, wants_dnssec);
  if (*ours != expected) {
    fmt::print(stderr, "ours:\n{}expected:\n{}", ours->to_text(), expected.to_text());
  }
  CHECK(*ours == expected);
}

/// The most octets that the client takes over UDP (RFC 6891 s6.2.3).
std::size_t limit_of(OctetSpan octets) {
  QueryView query;
  CHECK(parse_query(octets, query) != ParseStatus::kDrop);
  return query.edns.is_present ? std::min<std::size_t>(query.edns.udp_payload, 1232)
                               : kMinUdpPayload;
}

/// What an IXFR says that the client has is what the patient parser reads there (RFC 1995 s3).
void check_known_serial(OctetSpan octets) {
  QueryView query;
  if (parse_query(octets, query) != ParseStatus::kOk || !query.known_serial) {
    return;
  }
  CHECK(query.type == RrType::kIxfr);
  const auto message = parse_message(octets);
  if (message) {
    const Octets& soa = message->authorities.at(0).rdata;
    CHECK(load_be32(soa.data() + soa.size() - 20) == *query.known_serial);
  }
}

void try_packet(OctetSpan octets) {
  check_known_serial(octets);
  static Fixture fixture;
  const Octets over_udp = fixture.server.raw(octets, Transport::kUdp);
  const Octets over_tcp = fixture.server.raw(octets, Transport::kTcp);
  CHECK(over_udp.empty() == over_tcp.empty());
  if (over_udp.empty()) {
    return;
  }
  CHECK(over_udp.size() <= limit_of(octets));
  check_answer(octets, over_udp);
  check_answer(octets, over_tcp);
  check_against_naive(fixture, octets, over_tcp);
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= 65535) {
    tandem::try_packet({data, size});
  }
  return 0;
}
