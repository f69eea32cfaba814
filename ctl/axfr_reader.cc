#include "ctl/axfr_reader.h"

#include "common/dns/header.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxTextOctets = std::size_t{1} << 30U;  // as much as the node takes

/// The server's rcode as people can act on it.
std::unexpected<Error> refusal(Rcode rcode, const Name& zone, bool is_signed) {
  const std::string name = zone.to_text();
  switch (rcode) {
    case Rcode::kRefused:
      return fail(Errc::kRefused,
                  "the server does not allow transfers of {} to this {} (REFUSED): allow-transfer "
                  "in BIND, an acl in Knot, provide-xfr in NSD, allow-axfr-ips in PowerDNS",
                  name, is_signed ? "key" : "address without a key");
    case Rcode::kNotAuth:
      return fail(Errc::kRefused, "the server {} (NOTAUTH)",
                  is_signed ? "does not take the key, or has no zone " + name
                            : "has no zone " + name + ", or wants a key");
    case Rcode::kNxDomain:
      return fail(Errc::kNotFound, "the server has no zone {} (NXDOMAIN)", name);
    case Rcode::kServFail:
      return fail(Errc::kUnavailable,
                  "the server has {} but cannot give it now (SERVFAIL): expired, or not loaded",
                  name);
    case Rcode::kNotImp:
      return fail(Errc::kRefused, "the server does no transfers (NOTIMP)");
    case Rcode::kFormErr:
      return fail(Errc::kRefused, "the server does not understand the request (FORMERR)");
    default:
      return fail(Errc::kRefused, "the server answers {}", to_text(rcode));
  }
}

}  // namespace

Status AxfrReader::check_head(const Message& message) const {
  const bool is_answer = (message.flags & kFlagQr) != 0 &&
                         static_cast<Opcode>((message.flags >> 11U) & 0xfU) == Opcode::kQuery;
  if (message.id != id_ || !is_answer) {
    return fail(Errc::kCorrupt, "the server answers something else");
  }
  if (message.rcode() != Rcode::kNoError) {
    return refusal(message.rcode(), to_.name(), verifier_.has_value());
  }
  if ((message.flags & kFlagTc) != 0) {
    return fail(Errc::kCorrupt, "the server cuts its answer short, although it came over TCP");
  }
  // Messages behind the first may leave it out (RFC 5936 s2.2.1).
  for (const Question& question : message.questions) {
    if (question.name != to_.name() || question.type != RrType::kAxfr) {
      return fail(Errc::kCorrupt, "the server answers another question");
    }
  }
  return {};
}

Status AxfrReader::take(OctetSpan wire, std::uint64_t now) {
  if (is_done_) {
    return fail(Errc::kCorrupt, "the server sends more behind the zone's end");
  }
  if (verifier_) {
    const Status verified = verifier_->take(wire, now);
    const bool is_refusal =
        wire.size() >= kHeaderOctets && load_header(wire.data()).rcode_bits() != 0;
    // A refusal without a signature proves nothing, but it is what there is to say.
    if (!verified && (verified.error().code == Errc::kRefused || !is_refusal)) {
      return verified;
    }
  }
  const auto message = parse_message(wire);
  if (!message) {
    return fail(Errc::kCorrupt, "the server sends what is no DNS message: {}",
                message.error().detail);
  }
  TRYV(check_head(*message));
  if (soa_.empty() && message->answers.empty()) {
    return fail(Errc::kRefused, "the server answers without the zone {}", to_.name().to_text());
  }
  for (const MessageRecord& record : message->answers) {
    TRYV(take_record(record));
  }
  if (to_.octets() > kMaxTextOctets) {
    return fail(Errc::kTooLarge, "the zone has more than {} octets as text", kMaxTextOctets);
  }
  return is_done_ && verifier_ ? verifier_->end() : Status{};
}

Status AxfrReader::take_record(const MessageRecord& record) {
  if (is_done_) {
    return fail(Errc::kCorrupt, "the server sends records behind the zone's end");
  }
  const bool is_soa = record.type == RrType::kSoa && record.owner == to_.name();
  if (soa_.empty() && !is_soa) {
    return fail(Errc::kCorrupt, "the server's answer does not begin with the zone's SOA record");
  }
  if (record.rr_class != RrClass::kIn || is_meta_type(record.type)) {
    return fail(Errc::kCorrupt, "the server sends {} {}, which is no data of a zone",
                to_text(record.rr_class), to_text(record.type));
  }
  if (!is_soa) {
    to_.add(record.owner, record.type, record.ttl, record.rdata);
  } else if (soa_.empty()) {
    soa_ = record.rdata;
    to_.add(record.owner, record.type, record.ttl, record.rdata);
  } else if (!equal(soa_, record.rdata)) {
    return fail(Errc::kCorrupt,
                "the zone's last SOA record is not its first: it changed meanwhile, try again");
  } else {
    is_done_ = true;
  }
  return {};
}

}  // namespace tandem
