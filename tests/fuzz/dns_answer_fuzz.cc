// Any octets as what another server sends to a request of ours, signed and not: messages with their
// length in front. Nothing is read beyond them, what is handed on is the front of what came, and
// nothing is believed that the key has not signed.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/dns/header.h"
#include "common/net/dns_request.h"

namespace tandem {
namespace {

constexpr std::size_t kLengthOctets = 2;

/// `example. SOA`, id 1.
Octets question() {
  return {0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 6, 0, 1};
}

const TsigKeyPtr& key() {
  static const TsigKeyPtr known = std::make_shared<const TsigKey>(
      TsigKey{.name = *Name::from_text("update.key."), .algorithm = {}, .secret = Octets(32, 7)});
  return known;
}

void check_taken(OctetSpan taken, OctetSpan came, std::uint16_t additional_count) {
  CHECK(taken.data() == came.data() && taken.size() <= came.size());
  if (came.size() >= kHeaderOctets) {
    const Header header = load_header(taken.data());
    CHECK(header.additional_count == additional_count);
  }
}

void try_answers(OctetSpan octets) {
  const ManualClock clock;
  const auto plain = DnsRequest::make(question(), nullptr, clock);
  const auto signed_request = DnsRequest::make(question(), key(), clock);
  CHECK(plain && signed_request);
  DnsAnswerReader plain_reader = plain->reader();
  DnsAnswerReader reader = signed_request->reader();
  while (octets.size() >= kLengthOctets) {
    const std::size_t length = load_be16(octets.data());
    if (octets.size() - kLengthOctets < length) {
      return;
    }
    Octets message = to_octets(octets.subspan(kLengthOctets, length));
    octets = octets.subspan(kLengthOctets + length);
    const bool is_answer = plain->is_answered_by(message);
    CHECK(is_answer == signed_request->is_answered_by(message));
    const std::uint16_t additional =
        message.size() >= kHeaderOctets ? load_header(message.data()).additional_count : 0;
    const auto taken = plain_reader.take(message);
    CHECK(taken);
    check_taken(*taken, message, additional);
    CHECK(!reader.take(message));  // who has no key makes no signature
  }
  CHECK(!reader.end());
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tandem::try_answers({data, size});
  return 0;
}
