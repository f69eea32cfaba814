#include "common/net/dns_request.h"

#include <utility>

#include "common/crypto/tsig.h"
#include "common/dns/header.h"
#include "common/dns/name.h"
#include "common/dns/types.h"
#include "common/dns/wire_reader.h"

namespace tandem {
namespace {

struct Asked {
  Name name;
  std::uint16_t type = 0;
  std::uint16_t rr_class = 0;

  friend bool operator==(const Asked&, const Asked&) = default;
};

/// The question of a message that has one.
std::optional<Asked> question_of(OctetSpan message) {
  if (message.size() < kHeaderOctets || load_header(message.data()).question_count != 1) {
    return std::nullopt;
  }
  WireReader reader(message, kHeaderOctets);
  Asked asked{.name = reader.name(), .type = reader.u16(), .rr_class = reader.u16()};
  return reader.ok() ? std::optional(std::move(asked)) : std::nullopt;
}

}  // namespace

DnsAnswerReader::DnsAnswerReader(const TsigKeyPtr& key, const Octets& mac, const Clock& clock)
    : clock_(clock) {
  if (key != nullptr) {
    verifier_.emplace(*key, mac);
  }
}

Result<OctetSpan> DnsAnswerReader::take(std::span<std::uint8_t> message) {
  if (!verifier_) {
    return message;
  }
  const Status verified = verifier_->take(message, tsig_time(clock_));
  const std::size_t octets = verifier_->octets_before_tsig();
  if (!verified) {
    // Who does not know signatures says why it refuses without one; it may also be somebody else.
    const auto rcode = message.size() < kHeaderOctets
                           ? Rcode::kNoError
                           : static_cast<Rcode>(load_header(message.data()).rcode_bits());
    if (octets == message.size() && rcode != Rcode::kNoError) {
      return fail(Errc::kRefused, "the server answers {}, and does not sign it", to_text(rcode));
    }
    return std::unexpected(verified.error());
  }
  if (octets < message.size()) {
    Header header = load_header(message.data());
    --header.additional_count;
    store_header(message.data(), header);
  }
  return message.first(octets);
}

Status DnsAnswerReader::end() const {
  return verifier_ ? verifier_->end() : Status{};
}

Result<DnsRequest> DnsRequest::make(Octets message, TsigKeyPtr key, const Clock& clock) {
  if (!question_of(message)) {
    return fail(Errc::kInvalid, "a request has one question");
  }
  DnsRequest request(std::move(message), std::move(key), clock);
  if (request.key_ != nullptr) {
    request.mac_ = sign_tsig_request(request.octets_, *request.key_, tsig_time(clock));
  }
  if (request.octets_.size() > kMaxMessageOctets) {
    return fail(Errc::kTooLarge, "the request has {} octets; at most {} are one message",
                request.octets_.size(), kMaxMessageOctets);
  }
  return request;
}

bool DnsRequest::is_answered_by(OctetSpan message) const {
  if (message.size() < kHeaderOctets) {
    return false;
  }
  const Header ours = load_header(octets_.data());
  const Header theirs = load_header(message.data());
  if (!theirs.is_response() || theirs.id != ours.id || theirs.opcode() != ours.opcode()) {
    return false;
  }
  if (theirs.question_count == 0) {
    return theirs.rcode_bits() != 0;
  }
  const auto question = question_of(message);
  return question && question == question_of(octets_);
}

DnsAnswerReader DnsRequest::reader() const {
  return {key_, mac_, *clock_};
}

}  // namespace tandem
