#include "common/crypto/tsig_answer.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>

#include "common/base/clock.h"
#include "common/crypto/digest.h"
#include "common/crypto/tsig.h"
#include "common/crypto/tsig_mac.h"
#include "common/dns/header.h"
#include "common/dns/types.h"
#include "common/dns/wire_reader.h"

namespace tandem {
namespace {

struct LastRecord {
  std::size_t at;
  bool is_behind_tsig;  // a TSIG record comes before it, where none may be (RFC 8945 s5.1)
};

/// Nothing when there is none, or the message is not whole.
std::optional<LastRecord> last_record_of(OctetSpan message) {
  if (message.size() < kHeaderOctets) {
    return std::nullopt;
  }
  const Header header = load_header(message.data());
  WireReader reader(message, kHeaderOctets);
  for (std::size_t i = 0; i < header.question_count && reader.ok(); ++i) {
    static_cast<void>(reader.name());
    static_cast<void>(reader.octets(4));  // type, class
  }
  const std::size_t records =
      std::size_t{header.answer_count} + header.authority_count + header.additional_count;
  LastRecord last{.at = 0, .is_behind_tsig = false};
  bool is_tsig = false;
  for (std::size_t i = 0; i < records && reader.ok(); ++i) {
    last = {.at = reader.at(), .is_behind_tsig = last.is_behind_tsig || is_tsig};
    static_cast<void>(reader.name());
    is_tsig = reader.u16() == number(RrType::kTsig);
    static_cast<void>(reader.octets(6));  // class, TTL
    static_cast<void>(reader.octets(reader.u16()));
  }
  return reader.ok() && header.additional_count > 0 ? std::optional(last) : std::nullopt;
}

/// `seconds` since 1970 have 48 bits and come from outside.
std::string time_text(std::uint64_t seconds) {
  constexpr std::uint64_t kEndOfYear9999 = 253'402'300'800;
  if (seconds >= kEndOfYear9999) {
    return fmt::format("{} s since 1970", seconds);
  }
  return to_text(WallTime(std::chrono::seconds(seconds)));
}

/// What the server says is wrong with the request's signature (RFC 8945 s5.2).
std::unexpected<Error> refusal(const TsigRecord& record, std::uint64_t now) {
  switch (record.error) {
    case TsigError::kBadKey:
      return fail(Errc::kRefused,
                  "the server does not know the key {} with this algorithm (BADKEY)",
                  record.key.to_text());
    case TsigError::kBadSig:
      return fail(Errc::kRefused, "the server has another secret for the key {} (BADSIG)",
                  record.key.to_text());
    case TsigError::kBadTrunc:
      return fail(Errc::kRefused, "the server wants a longer MAC of the key {} (BADTRUNC)",
                  record.key.to_text());
    case TsigError::kBadTime: {
      constexpr std::size_t kTimeOctets = 6;
      if (record.other.size() != kTimeOctets) {
        return fail(Errc::kRefused, "the server's clock is another (BADTIME)");
      }
      const std::uint64_t theirs =
          std::uint64_t{load_be16(record.other.data())} << 32U | load_be32(record.other.data() + 2);
      return fail(
          Errc::kRefused,
          "the server's clock is {} s {} ours (BADTIME; theirs: {}, ours: {}): set the clocks",
          theirs > now ? theirs - now : now - theirs, theirs > now ? "ahead of" : "behind",
          time_text(theirs), time_text(now));
    }
    default:
      return fail(Errc::kRefused, "the server has TSIG error {} against the request",
                  static_cast<std::uint16_t>(record.error));
  }
}

}  // namespace

Octets sign_tsig_request(Octets& request, const TsigKey& key, std::uint64_t now) {
  Header header = load_header(request.data());
  TsigRecord record;
  record.key = key.name;
  record.algorithm = wire_name(key.algorithm);
  record.time_signed = now;
  record.fudge = kTsigFudge;
  record.original_id = header.id;
  Octets over = request;
  append_tsig_variables(over, record, TsigVariables::kAll);
  Octets mac = tsig_hmac(key, over);
  mac.resize(std::min(mac.size(), key.algorithm.mac_octets));
  record.mac = mac;
  const std::size_t at = request.size();
  request.resize(at + tsig_octets(record));
  write_tsig(record, std::span(request).subspan(at));
  ++header.additional_count;
  store_header(request.data(), header);
  return mac;
}

Status TsigVerifier::take(OctetSpan message, std::uint64_t now) {
  const auto last = last_record_of(message);
  const auto record = last ? read_tsig(message, last->at) : std::nullopt;
  octets_before_tsig_ = record ? last->at : message.size();
  if (last && last->is_behind_tsig) {
    return fail(Errc::kCorrupt, "the answer has a TSIG record that is not its last record");
  }
  if (!record) {
    return take_unsigned(message);
  }
  if (record->key != key_.name || record->algorithm != wire_name(key_.algorithm)) {
    return fail(Errc::kCorrupt, "the answer is signed with another key, {}", record->key.to_text());
  }
  if (record->mac.empty() && record->error != TsigError::kNone) {
    return refusal(*record, now);  // cannot be signed (RFC 8945 s5.3.2)
  }
  Octets over;
  append_prior_mac(over, prior_mac_);
  append(over, pending_);
  append_unsigned(over, message, octets_before_tsig_, *record);
  append_tsig_variables(over, *record, has_signed_ ? TsigVariables::kTimers : TsigVariables::kAll);
  const Octets mac = tsig_hmac(key_, over);
  // A longer MAC than what we send is as good; a shorter one is not (RFC 8945 s5.2.2.1).
  const std::size_t octets = record->mac.size();
  if (octets < key_.algorithm.mac_octets || octets > mac.size() ||
      !equal_in_constant_time(OctetSpan(mac).first(octets), record->mac)) {
    return fail(Errc::kCorrupt, "the answer's signature is wrong");
  }
  if (record->error != TsigError::kNone) {
    return refusal(*record, now);
  }
  if (!is_in_time(*record, now)) {
    return fail(Errc::kCorrupt, "the answer was signed at another time than now: set the clocks");
  }
  prior_mac_ = to_octets(record->mac);
  pending_.clear();
  unsigned_count_ = 0;
  has_signed_ = true;
  return {};
}

Status TsigVerifier::take_unsigned(OctetSpan message) {
  if (!has_signed_) {
    return fail(Errc::kCorrupt, "the answer is not signed");  // the first has to be
  }
  if (++unsigned_count_ > kMaxUnsignedMessages) {
    return fail(Errc::kCorrupt, "more than {} messages in a row are not signed",
                kMaxUnsignedMessages);
  }
  append(pending_, message);
  return {};
}

Status TsigVerifier::end() const {
  if (!has_signed_ || unsigned_count_ > 0) {
    return fail(Errc::kCorrupt, "the last message of the answer is not signed");
  }
  return {};
}

}  // namespace tandem
