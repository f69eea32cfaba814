#include "common/query/tsig_error.h"

#include "common/dns/tsig_record.h"

namespace tandem {
namespace {

constexpr std::size_t kFixedOctets = 10;  // type, class, ttl, length

}  // namespace

std::size_t write_bad_key(const QueryView& query, std::span<std::uint8_t> out) noexcept {
  WireReader reader(query.message, query.tsig_at);
  TsigRecord record;
  record.key = reader.name();
  static_cast<void>(reader.octets(kFixedOctets));
  if (!read_tsig_rdata(reader, record)) {
    return 0;
  }
  record.mac = {};
  record.original_id = query.header.id;
  record.error = TsigError::kBadKey;
  record.other = {};
  return tsig_octets(record) <= out.size() ? write_tsig(record, out) : 0;
}

}  // namespace tandem
