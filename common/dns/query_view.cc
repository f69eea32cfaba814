#include "common/dns/query_view.h"

#include "common/dns/tsig_record.h"
#include "common/dns/wire_reader.h"

namespace tandem {
namespace {

// OPT and TSIG. More has no meaning in a query and would only be work for us.
constexpr std::size_t kMaxAdditional = 2;
// An update may bring addresses for what it adds (RFC 2136 s2.6), which nobody does.
constexpr std::size_t kMaxAdditionalOfUpdate = 64;

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

struct Record {
  bool owner_is_root = false;
  RrType type{};
  std::uint16_t rr_class = 0;
  std::uint32_t ttl = 0;
  OctetSpan rdata;
};

bool read_record(WireReader& reader, Record& record) noexcept {
  if (!skip_name(reader, record.owner_is_root)) {
    return false;
  }
  record.type = static_cast<RrType>(reader.u16());
  record.rr_class = reader.u16();
  record.ttl = reader.u32();
  record.rdata = reader.octets(reader.u16());
  return reader.ok();
}

/// Whether the rdata of a TSIG record is whole (RFC 8945 s4.2).
bool is_tsig(OctetSpan rdata) noexcept {
  TsigRecord record;
  return read_tsig_rdata(WireReader(rdata), record);
}

bool skip_questions(WireReader& reader, std::size_t count) noexcept {
  bool is_root = false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!skip_name(reader, is_root)) {
      return false;
    }
    static_cast<void>(reader.u32());  // type and class
  }
  return reader.ok();
}

bool skip_records(WireReader& reader, std::size_t count) noexcept {
  Record record;
  for (std::size_t i = 0; i < count; ++i) {
    if (!read_record(reader, record)) {
      return false;
    }
  }
  return true;
}

/// The serial in the rdata of an SOA record, whose names may be compressed: two of them, and five
/// numbers (RFC 1035 s3.3.13).
std::optional<std::uint32_t> serial_in(OctetSpan rdata) noexcept {
  WireReader reader(rdata);
  bool is_root = false;
  if (!skip_name(reader, is_root) || !skip_name(reader, is_root)) {
    return std::nullopt;
  }
  const std::uint32_t serial = reader.u32();
  static_cast<void>(reader.octets(16));
  return reader.ok() && reader.at_end() ? std::optional(serial) : std::nullopt;
}

/// What the client has of a zone that it wants the changes of: its SOA (RFC 1995 s3).
bool read_authority(WireReader& reader, QueryView& out) noexcept {
  if (out.header.authority_count == 0) {
    return true;
  }
  Record record;
  if (out.type != RrType::kIxfr || out.header.authority_count != 1 ||
      !read_record(reader, record) || record.type != RrType::kSoa) {
    return false;
  }
  out.known_serial = serial_in(record.rdata);
  return out.known_serial.has_value();
}

bool parse_additional(WireReader& reader, QueryView& out) noexcept {
  for (std::size_t i = 0; i < out.header.additional_count; ++i) {
    Record record;
    const std::size_t at = reader.at();
    if (out.has_tsig() || !read_record(reader, record)) {
      return false;  // TSIG is the last record (RFC 8945 s5.1)
    }
    if (record.type == RrType::kOpt &&
        (!record.owner_is_root || out.edns.is_present ||
         !parse_edns(record.rr_class, record.ttl, record.rdata, out.edns))) {
      return false;
    }
    if (record.type == RrType::kTsig) {
      if (!is_tsig(record.rdata)) {
        return false;  // RFC 8945 s5.2
      }
      out.tsig_at = at;
    }
  }
  return true;
}

/// Reads what is behind the question, whatever the opcode, when the message has the sections of
/// RFC 1035 s4.1. Messages of opcodes unknown here may have others: then no OPT record is seen,
/// which otherwise is answered with one (RFC 6891 s6.1.1).
bool read_other_sections(WireReader& reader, QueryView& out) noexcept {
  const std::size_t records = std::size_t{out.header.answer_count} + out.header.authority_count;
  const bool is_whole = out.header.additional_count <= kMaxAdditionalOfUpdate &&
                        skip_records(reader, records) && parse_additional(reader, out) &&
                        reader.at_end();
  if (!is_whole) {
    out.edns = {};
    out.tsig_at = 0;
  }
  return is_whole;
}

bool read_question(WireReader& reader, QueryView& out) noexcept {
  const NameView name = reader.plain_name();
  const auto type = static_cast<RrType>(reader.u16());
  const auto rr_class = static_cast<RrClass>(reader.u16());
  if (!reader.ok()) {
    return false;
  }
  out.name = name;
  out.type = type;
  out.rr_class = rr_class;
  out.question_end = reader.at();
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
  WireReader reader(message, kHeaderOctets);
  const Opcode opcode = out.header.opcode();
  if (opcode != Opcode::kQuery && opcode != Opcode::kUpdate && opcode != Opcode::kNotify) {
    static_cast<void>(skip_questions(reader, out.header.question_count) &&
                      read_other_sections(reader, out));
    return ParseStatus::kOtherOpcode;
  }
  if (out.header.question_count != 1 || !read_question(reader, out)) {
    return ParseStatus::kFormErr;
  }
  if (opcode != Opcode::kQuery) {
    const ParseStatus whole =
        opcode == Opcode::kUpdate ? ParseStatus::kUpdate : ParseStatus::kNotify;
    return read_other_sections(reader, out) ? whole : ParseStatus::kFormErr;
  }
  const bool is_good =
      out.header.answer_count == 0 && out.header.additional_count <= kMaxAdditional &&
      read_authority(reader, out) && parse_additional(reader, out) && reader.at_end();
  return is_good ? ParseStatus::kOk : ParseStatus::kFormErr;
}

}  // namespace tandem
