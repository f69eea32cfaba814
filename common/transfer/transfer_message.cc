#include "common/transfer/transfer_message.h"

#include <string>

#include "common/dns/edns.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

constexpr std::uint32_t kTtlSign = 0x8000'0000;

std::unexpected<Error> cut() {
  return fail(Errc::kCorrupt, "the primary sends what is no whole DNS message");
}

}  // namespace

Status TransferMessage::open(MessagePlace place) {
  if (octets_.size() < kHeaderOctets) {
    return cut();
  }
  header_ = load_header(octets_.data());
  if (header_.id != asked_.id || !header_.is_response() || header_.opcode() != Opcode::kQuery) {
    return fail(Errc::kCorrupt, "the primary answers something else");
  }
  if (header_.rcode_bits() != 0) {  // an error may come without the question
    return refusal(header_.rcode_bits());
  }
  return read_question(place);
}

Status TransferMessage::read_question(MessagePlace place) {
  const std::uint16_t count = header_.question_count;
  if (count > 1 || (count == 0 && place == MessagePlace::kFirst)) {
    return fail(Errc::kCorrupt, "the primary answers {} questions, one was asked", count);
  }
  if (count == 0) {
    return {};
  }
  const Name name = reader_.name();
  const auto type = static_cast<RrType>(reader_.u16());
  const auto rr_class = static_cast<RrClass>(reader_.u16());
  if (!reader_.ok()) {
    return cut();
  }
  if (name != asked_.zone || type != asked_.type || rr_class != RrClass::kIn) {
    return fail(Errc::kCorrupt, "the primary answers the question {} {} {}, asked was {} {}",
                name.to_text(), to_text(rr_class), to_text(type), asked_.zone.to_text(),
                to_text(asked_.type));
  }
  return {};
}

Status TransferMessage::refusal(std::uint16_t rcode) const {
  const std::string zone = asked_.zone.to_text();
  const std::string type = to_text(asked_.type);
  switch (static_cast<Rcode>(rcode)) {
    case Rcode::kRefused:
      return fail(Errc::kRefused, "the primary does not allow us the {} of {} (REFUSED)", type,
                  zone);
    case Rcode::kNotAuth:
      return fail(Errc::kRefused,
                  "the primary is not authoritative for {}, or does not take the key (NOTAUTH)",
                  zone);
    case Rcode::kServFail:
      return fail(Errc::kRefused,
                  "the primary cannot give {} now (SERVFAIL): expired there, or not loaded", zone);
    case Rcode::kNotImp:
    case Rcode::kFormErr:
      return fail(Errc::kRefused, "the primary does not know how to answer {} of {} ({})", type,
                  zone, to_text(static_cast<Rcode>(rcode)));
    default:
      return fail(Errc::kRefused, "the primary answers {} of {} with {}", type, zone,
                  to_text(static_cast<Rcode>(rcode)));
  }
}

Result<const TransferRecord*> TransferMessage::next() {
  if (taken_ == header_.answer_count) {
    return nullptr;
  }
  ++taken_;
  record_.owner = reader_.name();
  record_.type = static_cast<RrType>(reader_.u16());
  const auto rr_class = static_cast<RrClass>(reader_.u16());
  const std::uint32_t ttl = reader_.u32();
  record_.ttl = (ttl & kTtlSign) != 0 ? 0 : ttl;  // RFC 2181 s8
  const WireReader rdata = reader_.sub_reader(reader_.u16());
  if (!reader_.ok()) {
    return cut();
  }
  if (rr_class != RrClass::kIn || is_meta_type(record_.type)) {
    return fail(Errc::kCorrupt, "the primary sends {} {} {}, which is no data of a zone",
                record_.owner.to_text(), to_text(rr_class), to_text(record_.type));
  }
  rdata_.clear();
  record_.rdata = {};
  record_.is_outside = !record_.owner.is_subdomain_of(asked_.zone);
  if (record_.is_outside) {
    return &record_;
  }
  if (const Status read = append_rdata_from_wire(record_.type, rdata, rdata_); !read) {
    return fail(Errc::kCorrupt, "the primary sends a malformed record, {} {}: {}",
                record_.owner.to_text(), to_text(record_.type), read.error().detail);
  }
  record_.rdata = rdata_;
  return &record_;
}

Status TransferMessage::close() {
  const std::size_t count = std::size_t{header_.authority_count} + header_.additional_count;
  std::uint16_t rcode = 0;
  for (std::size_t i = 0; i < count && reader_.ok(); ++i) {
    static_cast<void>(reader_.name());
    const auto type = static_cast<RrType>(reader_.u16());
    static_cast<void>(reader_.u16());
    const std::uint32_t ttl = reader_.u32();
    const OctetSpan rdata = reader_.octets(reader_.u16());
    if (type == RrType::kOpt && reader_.ok()) {
      rcode = static_cast<std::uint16_t>((ttl >> 24U) << 4U);
      expire_ = expire_option(rdata);
    }
  }
  if (!reader_.ok() || !reader_.at_end()) {
    return cut();
  }
  return rcode == 0 ? Status{} : refusal(rcode);
}

}  // namespace tandem
