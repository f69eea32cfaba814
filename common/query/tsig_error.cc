#include "common/query/tsig_error.h"

#include <algorithm>

#include "common/dns/wire_reader.h"

namespace tandem {
namespace {

constexpr std::uint16_t kBadKey = 17;
constexpr std::size_t kFixedOctets = 10;  // type, class, ttl, length
constexpr std::size_t kTimeOctets = 8;    // time signed, fudge
constexpr std::size_t kBehindTimeOctets =
    std::size_t{2} * 4;  // MAC size, original ID, error, other length

}  // namespace

std::size_t write_bad_key(const QueryView& query, std::span<std::uint8_t> out) noexcept {
  WireReader reader(query.message, query.tsig_at);
  const Name key = reader.name();
  static_cast<void>(reader.octets(kFixedOctets));
  const NameView algorithm = reader.plain_name();
  const OctetSpan time = reader.octets(kTimeOctets);
  const std::size_t rdata = algorithm.size() + kTimeOctets + kBehindTimeOctets;
  const std::size_t octets = key.size() + kFixedOctets + rdata;
  if (!reader.ok() || octets > out.size()) {
    return 0;
  }
  std::uint8_t* at = std::ranges::copy(key.wire(), out.data()).out;
  store_be16(at, number(RrType::kTsig));
  store_be16(at + 2, static_cast<std::uint16_t>(RrClass::kAny));
  store_be32(at + 4, 0);
  store_be16(at + 8, static_cast<std::uint16_t>(rdata));
  at = std::ranges::copy(algorithm.wire(), at + kFixedOctets).out;
  at = std::ranges::copy(time, at).out;
  store_be16(at, 0);  // no MAC
  store_be16(at + 2, query.header.id);
  store_be16(at + 4, kBadKey);
  store_be16(at + 6, 0);  // nothing else
  return octets;
}

}  // namespace tandem
