#include "common/zone/rr_pack.h"

#include "common/base/check.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

constexpr std::size_t kHeadOctets = 8;          // type, ttl, count
constexpr std::uint32_t kMaxTtl = 0x7fff'ffff;  // RFC 2181 s8

}  // namespace

void RrPacker::add(NameView owner, RrType type, std::uint32_t ttl, OctetSpan rdata) {
  CHECK(rdata.size() <= kMaxRdataOctets);
  Octets& out = *out_;
  const std::size_t owner_octets = owner.size();
  const bool same = head_ != kNone && count_at_ == head_ + owner_octets + 6 &&
                    equal({out.data() + head_, owner_octets}, owner.wire()) &&
                    load_be16(out.data() + head_ + owner_octets) == number(type) &&
                    load_be32(out.data() + head_ + owner_octets + 2) == ttl &&
                    load_be16(out.data() + count_at_) != 0xffff;
  if (!same) {
    head_ = out.size();
    append(out, owner.wire());
    append_be(out, number(type));
    append_be(out, ttl);
    count_at_ = out.size();
    append_be(out, std::uint16_t{0});
  }
  store_be16(out.data() + count_at_,
             static_cast<std::uint16_t>(load_be16(out.data() + count_at_) + 1));
  append_be(out, static_cast<std::uint16_t>(rdata.size()));
  append(out, rdata);
}

bool RrUnpacker::open_rrset() noexcept {
  const std::size_t owner_octets = wire_name_octets(rest_);
  if (owner_octets == 0 || rest_.size() < owner_octets + kHeadOctets) {
    return false;
  }
  const std::uint8_t* const head = rest_.data() + owner_octets;
  current_.owner = NameView::unchecked(rest_.first(owner_octets));
  current_.type = static_cast<RrType>(load_be16(head));
  current_.ttl = load_be32(head + 2);
  left_ = load_be16(head + 6);
  rest_ = rest_.subspan(owner_octets + kHeadOctets);
  return left_ > 0;
}

std::optional<PackedRecord> RrUnpacker::next() noexcept {
  if (!ok_ || (left_ == 0 && rest_.empty())) {
    return std::nullopt;
  }
  ok_ = (left_ > 0 || open_rrset()) && rest_.size() >= 2 &&
        rest_.size() - 2 >= load_be16(rest_.data());
  if (!ok_) {
    return std::nullopt;
  }
  const std::size_t octets = load_be16(rest_.data());
  current_.rdata = rest_.subspan(2, octets);
  rest_ = rest_.subspan(2 + octets);
  --left_;
  ok_ = left_ == 0 || !rest_.empty();
  return current_;
}

Status validate_packed(OctetSpan packed, NameView origin) {
  RrUnpacker records(packed);
  while (const auto record = records.next()) {
    if (!record->owner.is_subdomain_of(origin)) {
      return fail(Errc::kCorrupt, "{} is outside of the zone {}", record->owner.to_text(),
                  origin.to_text());
    }
    if (is_meta_type(record->type) || record->ttl > kMaxTtl) {
      return fail(Errc::kCorrupt, "{} {} with TTL {} cannot be data of a zone",
                  record->owner.to_text(), to_text(record->type), record->ttl);
    }
    if (const auto valid = validate_rdata(record->type, record->rdata); !valid) {
      return fail(Errc::kCorrupt, "{} {}: {}", record->owner.to_text(), to_text(record->type),
                  valid.error().detail);
    }
  }
  if (!records.ok()) {
    return fail(Errc::kCorrupt, "the packed records of {} are cut or malformed", origin.to_text());
  }
  return {};
}

}  // namespace tandem
