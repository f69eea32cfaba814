#include "common/crypto/tsig.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/check.h"
#include "common/crypto/digest.h"
#include "common/dns/header.h"

namespace tandem {
namespace {

constexpr std::size_t kTimeOctets = 6;

const EVP_MD* digest_of(TsigHash hash) noexcept {
  switch (hash) {
    case TsigHash::kMd5:
      return EVP_md5();
    case TsigHash::kSha1:
      return EVP_sha1();
    case TsigHash::kSha224:
      return EVP_sha224();
    case TsigHash::kSha256:
      return EVP_sha256();
    case TsigHash::kSha384:
      return EVP_sha384();
    case TsigHash::kSha512:
      return EVP_sha512();
  }
  return nullptr;
}

/// All octets of the HMAC. Fails only where the library has no such hash (MD5 in a FIPS provider):
/// then nothing comes out, and nothing is equal to it.
Octets hmac(const TsigKey& key, OctetSpan octets) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  const auto* const made =
      HMAC(digest_of(key.algorithm.hash), key.secret.data(), static_cast<int>(key.secret.size()),
           octets.data(), octets.size(), out.data(), &size);
  return made == nullptr ? Octets() : Octets(out.begin(), out.begin() + size);
}

void append_u48(Octets& out, std::uint64_t value) {
  append_be(out, static_cast<std::uint16_t>(value >> 32U));
  append_be(out, static_cast<std::uint32_t>(value));
}

/// The TSIG variables that are hashed behind the message (RFC 8945 s4.3.3), or the timers alone,
/// which is all that envelopes behind the first have (s5.3.1).
void append_variables(Octets& out, const TsigRecord& record, bool timers_only) {
  if (!timers_only) {
    append(out, record.key.lower().wire());
    append_be(out, static_cast<std::uint16_t>(RrClass::kAny));
    append_be(out, std::uint32_t{0});  // TTL
    append(out, record.algorithm.lower().wire());
  }
  append_u48(out, record.time_signed);
  append_be(out, record.fudge);
  if (!timers_only) {
    append_be(out, static_cast<std::uint16_t>(record.error));
    append_be(out, static_cast<std::uint16_t>(record.other.size()));
    append(out, record.other);
  }
}

void append_mac(Octets& out, OctetSpan mac) {
  append_be(out, static_cast<std::uint16_t>(mac.size()));
  append(out, mac);
}

/// What a request's MAC is made over: the message as it was before the record was added, with the
/// ID it had then (RFC 8945 s4.3.2), and the variables.
Octets signed_request(OctetSpan message, std::size_t at, const TsigRecord& record) {
  Octets out = to_octets(message.first(at));
  Header header = load_header(out.data());
  header.id = record.original_id;
  --header.additional_count;
  store_header(out.data(), header);
  append_variables(out, record, false);
  return out;
}

bool is_in_time(const TsigRecord& record, std::uint64_t now) noexcept {
  const std::uint64_t apart =
      now > record.time_signed ? now - record.time_signed : record.time_signed - now;
  return apart <= record.fudge;
}

}  // namespace

TsigVerdict verify_tsig(OctetSpan message, std::size_t at, const TsigRecord& record,
                        const TsigKey* key, std::uint64_t now) {
  const auto algorithm = tsig_algorithm_from_wire(record.algorithm);
  if (key == nullptr || !algorithm || key->algorithm.hash != algorithm->hash) {
    return {Rcode::kNotAuth, TsigError::kBadKey};
  }
  const std::size_t octets = record.mac.size();
  if (octets > hash_octets(algorithm->hash) || octets < min_mac_octets(algorithm->hash)) {
    return {Rcode::kFormErr, TsigError::kNone};  // RFC 8945 s5.2.2.1
  }
  const Octets mac = hmac(*key, signed_request(message, at, record));
  if (mac.size() < octets || !equal_in_constant_time(OctetSpan(mac).first(octets), record.mac)) {
    return {Rcode::kNotAuth, TsigError::kBadSig};
  }
  if (!is_in_time(record, now)) {
    return {Rcode::kNotAuth, TsigError::kBadTime};
  }
  if (octets < key->algorithm.mac_octets) {
    return {Rcode::kNotAuth, TsigError::kBadTrunc};
  }
  return {};
}

TsigSigner::TsigSigner(const TsigRecord& request, TsigKeyPtr key, TsigVerdict verdict)
    : key_(std::move(key)), record_(request) {
  const bool is_signed = verdict.error != TsigError::kBadKey && verdict.error != TsigError::kBadSig;
  if (!is_signed) {
    key_ = nullptr;
  }
  CHECK(!is_signed || key_ != nullptr);
  prior_mac_ = to_octets(request.mac);
  record_.error = verdict.error;
  record_.mac = {};
  record_.other = {};
  if (key_ != nullptr && verdict.error != TsigError::kBadTime) {
    record_.fudge = kTsigFudge;
  }
}

std::size_t TsigSigner::octets() const noexcept {
  const std::size_t mac = key_ == nullptr ? 0 : key_->algorithm.mac_octets;
  const std::size_t other = record_.error == TsigError::kBadTime ? kTimeOctets : 0;
  return tsig_octets(record_) + mac + other;
}

void TsigSigner::sign(Octets& message, std::uint64_t now) {
  Header header = load_header(message.data());
  record_.original_id = header.id;
  Octets other;
  if (record_.error == TsigError::kBadTime) {
    append_u48(other, now);  // its own time stays the client's, which knows that one (s5.2.3)
    record_.other = other;
  } else if (key_ != nullptr) {
    record_.time_signed = now;
  }
  Octets mac;
  if (key_ != nullptr) {
    Octets over;
    append_mac(over, prior_mac_);
    append(over, message);
    append_variables(over, record_, has_signed_);
    mac = hmac(*key_, over);
    mac.resize(std::min(mac.size(), key_->algorithm.mac_octets));
    has_signed_ = true;
  }
  record_.mac = mac;
  const std::size_t at = message.size();
  message.resize(at + tsig_octets(record_));
  write_tsig(record_, std::span(message).subspan(at));
  ++header.additional_count;
  store_header(message.data(), header);
  record_.mac = {};
  record_.other = {};
  prior_mac_ = std::move(mac);
}

}  // namespace tandem
