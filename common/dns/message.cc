#include "common/dns/message.h"

#include "common/dns/rdata.h"
#include "common/dns/wire_reader.h"
#include "common/dns/wire_writer.h"

namespace tandem {
namespace {

Result<MessageRecord> read_record(WireReader& reader) {
  MessageRecord record;
  record.owner = reader.name();
  record.type = static_cast<RrType>(reader.u16());
  record.rr_class = static_cast<RrClass>(reader.u16());
  record.ttl = reader.u32();
  WireReader rdata = reader.sub_reader(reader.u16());
  if (!reader.ok()) {
    return fail(Errc::kInvalid, "a record runs over the end of the message");
  }
  // Meta types and the classes ANY and NONE of updates carry rdata that no schema describes.
  const bool is_plain = is_meta_type(record.type) || record.rr_class != RrClass::kIn;
  if (is_plain) {
    record.rdata = to_octets(rdata.rest());
  } else {
    TRYV(append_rdata_from_wire(record.type, rdata, record.rdata));
  }
  return record;
}

Status read_section(WireReader& reader, std::size_t count, std::vector<MessageRecord>& to) {
  for (std::size_t i = 0; i < count; ++i) {
    to.push_back(TRY(read_record(reader)));
  }
  return {};
}

void write_record(WireWriter& writer, const MessageRecord& record) {
  writer.compressed_name(record.owner);
  writer.u16(number(record.type));
  writer.u16(static_cast<std::uint16_t>(record.rr_class));
  writer.u32(record.ttl);
  const std::size_t length_at = writer.size();
  writer.u16(0);
  std::size_t done = 0;
  if (record.rr_class == RrClass::kIn && !record.rdata.empty()) {
    const CompressibleNames names = compressible_names(record.type, record.rdata);
    for (std::size_t i = 0; i < names.count; ++i) {
      const RdataName& place = names.name[i];
      writer.octets(OctetSpan(record.rdata).subspan(done, place.offset - done));
      writer.compressed_name(
          NameView::unchecked(OctetSpan(record.rdata).subspan(place.offset, place.octets)));
      done = place.offset + place.octets;
    }
  }
  writer.octets(OctetSpan(record.rdata).subspan(done));
  if (writer.ok()) {
    writer.patch_u16(length_at, static_cast<std::uint16_t>(writer.size() - length_at - 2));
  }
}

}  // namespace

Result<Message> parse_message(OctetSpan wire) {
  if (wire.size() < kHeaderOctets) {
    return fail(Errc::kInvalid, "a message has at least twelve octets");
  }
  const Header header = load_header(wire.data());
  Message message{header.id, header.flags, {}, {}, {}, {}};
  WireReader reader(wire, kHeaderOctets);
  for (std::size_t i = 0; i < header.question_count && reader.ok(); ++i) {
    Question question;
    question.name = reader.name();
    question.type = static_cast<RrType>(reader.u16());
    question.rr_class = static_cast<RrClass>(reader.u16());
    message.questions.push_back(question);
  }
  if (!reader.ok()) {
    return fail(Errc::kInvalid, "the question section is malformed");
  }
  TRYV(read_section(reader, header.answer_count, message.answers));
  TRYV(read_section(reader, header.authority_count, message.authorities));
  TRYV(read_section(reader, header.additional_count, message.additionals));
  if (!reader.at_end()) {
    return fail(Errc::kInvalid, "{} octets are left over behind the message", reader.left());
  }
  return message;
}

Result<Octets> write_message(const Message& message, std::size_t limit) {
  Octets out(limit);
  WireWriter writer(out);
  Header header{message.id, message.flags, 0, 0, 0, 0};
  header.question_count = static_cast<std::uint16_t>(message.questions.size());
  header.answer_count = static_cast<std::uint16_t>(message.answers.size());
  header.authority_count = static_cast<std::uint16_t>(message.authorities.size());
  header.additional_count = static_cast<std::uint16_t>(message.additionals.size());
  std::array<std::uint8_t, kHeaderOctets> head{};
  store_header(head.data(), header);
  writer.octets(head);
  for (const Question& question : message.questions) {
    writer.compressed_name(question.name);
    writer.u16(number(question.type));
    writer.u16(static_cast<std::uint16_t>(question.rr_class));
  }
  for (const auto* section : {&message.answers, &message.authorities, &message.additionals}) {
    for (const MessageRecord& record : *section) {
      write_record(writer, record);
    }
  }
  if (!writer.ok()) {
    return fail(Errc::kTooLarge, "the message needs more than {} octets", limit);
  }
  out.resize(writer.size());
  return out;
}

}  // namespace tandem
