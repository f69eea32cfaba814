#include "common/log/content_digest.h"

#include "common/crypto/digest.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

constexpr std::size_t kLimbs = 4;
constexpr std::size_t kLimbOctets = 8;

/// Where limb `i` (least significant first) stands in a big-endian number.
constexpr std::size_t place_of(std::size_t limb) noexcept {
  return (kLimbs - 1 - limb) * kLimbOctets;
}

Digest256 hash_of(const PackedRecord& record) {
  // Of the thread: a long run allocates nothing, and the digests of many zones hold nothing.
  thread_local Octets scratch;
  const OctetSpan owner = record.owner.wire();
  scratch.resize(owner.size());
  fold_case(owner, scratch);
  append_be(scratch, number(record.type));
  append_be(scratch, static_cast<std::uint16_t>(RrClass::kIn));
  append_be(scratch, record.ttl);
  const std::size_t length_at = scratch.size();
  append_be(scratch, std::uint16_t{0});
  append_canonical_rdata(record.type, record.rdata, scratch);
  store_be16(scratch.data() + length_at,
             static_cast<std::uint16_t>(scratch.size() - length_at - sizeof(std::uint16_t)));
  return sha256(scratch);
}

}  // namespace

ContentDigest::ContentDigest(const Digest256& value) {
  for (std::size_t i = 0; i < kLimbs; ++i) {
    limb_[i] = load_be64(value.data() + place_of(i));
  }
}

void ContentDigest::add(const PackedRecord& record) {
  add_number(hash_of(record));
}

void ContentDigest::remove(const PackedRecord& record) {
  subtract_number(hash_of(record));
}

void ContentDigest::apply(const Changeset& change) {
  RrUnpacker removed(change.removed);
  while (const auto record = removed.next()) {
    remove(*record);
  }
  RrUnpacker added(change.added);
  while (const auto record = added.next()) {
    add(*record);
  }
}

Digest256 ContentDigest::value() const noexcept {
  Digest256 out;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    store_be64(out.data() + place_of(i), limb_[i]);
  }
  return out;
}

void ContentDigest::add_number(const Digest256& hash) noexcept {
  bool carry = false;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const std::uint64_t addend = load_be64(hash.data() + place_of(i));
    const std::uint64_t sum = limb_[i] + addend;
    const bool first = sum < addend;
    limb_[i] = sum + (carry ? 1U : 0U);
    carry = first || limb_[i] < sum;
  }
}

void ContentDigest::subtract_number(const Digest256& hash) noexcept {
  bool borrow = false;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const std::uint64_t subtrahend = load_be64(hash.data() + place_of(i));
    const std::uint64_t difference = limb_[i] - subtrahend;
    const bool first = limb_[i] < subtrahend;
    limb_[i] = difference - (borrow ? 1U : 0U);
    borrow = first || (borrow && difference == 0);
  }
}

ContentDigest content_digest_of(const Zone& zone) {
  ContentDigest digest;
  zone.for_each_record([&digest](const PackedRecord& record) { digest.add(record); });
  return digest;
}

}  // namespace tandem
