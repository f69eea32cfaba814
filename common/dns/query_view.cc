#include "common/dns/query_view.h"

#include "common/dns/wire_reader.h"

namespace tandem {
namespace {

// OPT and TSIG. More has no meaning in a query and would only be work for us.
constexpr std::size_t kMaxAdditional = 2;

/// Octets of a possibly compressed name at the reader; the name itself does not matter.
bool skip_name(WireReader& reader, bool& is_root) noexcept {
  is_root = false;
  bool first = true;
  while (reader.ok()) {
    const std::uint8_t length = reader.u8();
    if (length == 0) {
      is_root = first;
      return reader.ok();
    }
    if ((length & 0xc0U) == 0xc0U) {
      static_cast<void>(reader.u8());
      return reader.ok();
    }
    if (length > kMaxLabelOctets) {
      return false;
    }
    static_cast<void>(reader.octets(length));
    first = false;
  }
  return false;
}

bool parse_additional(WireReader& reader, QueryView& out) noexcept {
  bool owner_is_root = false;
  if (out.has_tsig ||
      !skip_name(reader, owner_is_root)) {  // TSIG is the last record (RFC 8945 s5.1)
    return false;
  }
  const auto type = static_cast<RrType>(reader.u16());
  const std::uint16_t rr_class = reader.u16();
  const std::uint32_t ttl = reader.u32();
  const OctetSpan rdata = reader.octets(reader.u16());
  if (!reader.ok()) {
    return false;
  }
  if (type == RrType::kOpt) {
    return owner_is_root && !out.edns.is_present && parse_edns(rr_class, ttl, rdata, out.edns);
  }
  out.has_tsig = type == RrType::kTsig;
  return true;
}

}  // namespace

ParseStatus parse_query(OctetSpan message, QueryView& out) noexcept {
  out = QueryView{};
  out.message = message;
  if (message.size() < kHeaderOctets) {
    return ParseStatus::kDrop;
  }
  out.header = load_header(message.data());
  if (out.header.is_response()) {
    return ParseStatus::kDrop;
  }
  if (out.header.opcode() != Opcode::kQuery) {
    return ParseStatus::kOtherOpcode;
  }
  if (out.header.question_count != 1) {
    return ParseStatus::kFormErr;
  }
  WireReader reader(message, kHeaderOctets);
  const NameView name = reader.plain_name();
  const auto type = static_cast<RrType>(reader.u16());
  const auto rr_class = static_cast<RrClass>(reader.u16());
  if (!reader.ok()) {
    return ParseStatus::kFormErr;
  }
  out.name = name;
  out.type = type;
  out.rr_class = rr_class;
  out.question_end = reader.at();
  if (out.header.answer_count != 0 || out.header.authority_count != 0 ||
      out.header.additional_count > kMaxAdditional) {
    return ParseStatus::kFormErr;
  }
  for (std::size_t i = 0; i < out.header.additional_count; ++i) {
    if (!parse_additional(reader, out)) {
      return ParseStatus::kFormErr;
    }
  }
  return reader.at_end() ? ParseStatus::kOk : ParseStatus::kFormErr;
}

}  // namespace tandem
