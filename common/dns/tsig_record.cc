#include "common/dns/tsig_record.h"

#include "common/dns/types.h"
#include "common/dns/wire_writer.h"

namespace tandem {
namespace {

constexpr std::size_t kRecordOctets = 10;  // type, class, TTL, length
constexpr std::size_t kRdataOctets = 16;   // all of the rdata but algorithm, MAC and other data

std::uint64_t read_time(WireReader& reader) noexcept {
  const std::uint64_t high = reader.u16();
  return (high << 32U) | reader.u32();
}

}  // namespace

std::optional<TsigRecord> read_tsig(OctetSpan message, std::size_t at) {
  WireReader reader(message, at);
  TsigRecord record;
  record.key = reader.name();
  const bool is_tsig = reader.u16() == number(RrType::kTsig) &&
                       reader.u16() == static_cast<std::uint16_t>(RrClass::kAny) &&
                       reader.u32() == 0 && reader.u16() == reader.left();
  if (!is_tsig || !read_tsig_rdata(reader, record)) {
    return std::nullopt;
  }
  return record;
}

bool read_tsig_rdata(WireReader rdata, TsigRecord& record) noexcept {
  record.algorithm = rdata.plain_name();
  record.time_signed = read_time(rdata);
  record.fudge = rdata.u16();
  record.mac = rdata.octets(rdata.u16());
  record.original_id = rdata.u16();
  record.error = static_cast<TsigError>(rdata.u16());
  record.other = rdata.octets(rdata.u16());
  return rdata.ok() && rdata.at_end();
}

std::size_t tsig_octets(const TsigRecord& record) noexcept {
  return record.key.size() + kRecordOctets + record.algorithm.size() + kRdataOctets +
         record.mac.size() + record.other.size();
}

std::size_t write_tsig(const TsigRecord& record, std::span<std::uint8_t> out) noexcept {
  WireWriter writer(out);
  writer.plain_name(record.key);
  writer.u16(number(RrType::kTsig));
  writer.u16(static_cast<std::uint16_t>(RrClass::kAny));
  writer.u32(0);  // TTL
  writer.u16(static_cast<std::uint16_t>(record.algorithm.size() + kRdataOctets + record.mac.size() +
                                        record.other.size()));
  writer.plain_name(record.algorithm);
  writer.u16(static_cast<std::uint16_t>(record.time_signed >> 32U));
  writer.u32(static_cast<std::uint32_t>(record.time_signed));
  writer.u16(record.fudge);
  writer.u16(static_cast<std::uint16_t>(record.mac.size()));
  writer.octets(record.mac);
  writer.u16(record.original_id);
  writer.u16(static_cast<std::uint16_t>(record.error));
  writer.u16(static_cast<std::uint16_t>(record.other.size()));
  writer.octets(record.other);
  return writer.size();
}

}  // namespace tandem
