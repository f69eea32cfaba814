#include "common/crypto/tsig.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/base/check.h"
#include "common/crypto/digest.h"
#include "common/crypto/tsig_mac.h"
#include "common/dns/header.h"

namespace tandem {
namespace {

constexpr std::size_t kTimeOctets = 6;

}  // namespace

std::uint64_t tsig_time(const Clock& clock) noexcept {
  const auto since = clock.wall().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

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
  Octets over;
  append_unsigned(over, message, at, record);
  append_tsig_variables(over, record, TsigVariables::kAll);
  const Octets mac = tsig_hmac(*key, over);
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
    append_prior_mac(over, prior_mac_);
    append(over, message);
    append_tsig_variables(over, record_,
                          has_signed_ ? TsigVariables::kTimers : TsigVariables::kAll);
    mac = tsig_hmac(*key_, over);
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
