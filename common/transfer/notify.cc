#include "common/transfer/notify.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/dns/message.h"

namespace tandem {
namespace {

constexpr std::uint16_t kNotifyFlags = static_cast<std::uint16_t>(Opcode::kNotify) << 11U;

Octets written(const Message& message) {
  auto wire = write_message(message);
  CHECK(wire.has_value());  // a question and at most one SOA: two kilobytes with the longest names
  return *std::move(wire);
}

/// Fails: kCorrupt, kRefused as the rcode says.
Result<Message> good_answer(OctetSpan wire, Opcode opcode) {
  auto message = parse_message(wire);
  if (!message) {
    return fail(Errc::kCorrupt, "what it answers is no DNS message: {}", message.error().detail);
  }
  const Header header{.flags = message->flags};
  if (!header.is_response() || header.opcode() != opcode) {
    return fail(Errc::kCorrupt, "what it answers is no answer to {}", to_text(opcode));
  }
  if (message->rcode() != Rcode::kNoError) {
    return fail(Errc::kRefused, "it answers {}", to_text(message->rcode()));
  }
  return *std::move(message);
}

bool is_soa_of(const MessageRecord& record, NameView zone) {
  return record.type == RrType::kSoa && record.rr_class == RrClass::kIn &&
         record.owner.view() == zone && record.rdata.size() >= kSoaNumbersOctets;
}

std::optional<Serial> serial_in(const std::vector<MessageRecord>& records, NameView zone) {
  const auto soa = std::ranges::find_if(
      records, [&](const MessageRecord& record) { return is_soa_of(record, zone); });
  return soa != records.end() ? std::optional(soa_serial(soa->rdata)) : std::nullopt;
}

}  // namespace

Octets notify_request(const Zone& zone, std::uint16_t id) {
  Message message;
  message.id = id;
  message.flags = kNotifyFlags | kFlagAa;
  message.questions = {{zone.origin(), RrType::kSoa, RrClass::kIn}};
  const RrSet soa = zone.soa();
  message.answers = {{soa.owner, RrType::kSoa, RrClass::kIn, soa.ttl, soa.rdatas.front()}};
  return written(message);
}

Status check_notify_answer(OctetSpan answer) {
  static_cast<void>(TRY(good_answer(answer, Opcode::kNotify)));
  return {};
}

Octets soa_question(NameView zone, std::uint16_t id) {
  Message message;
  message.id = id;
  message.questions = {{zone, RrType::kSoa, RrClass::kIn}};
  return written(message);
}

Result<Serial> serial_of_answer(OctetSpan answer, NameView zone) {
  const Message message = TRY(good_answer(answer, Opcode::kQuery));
  const std::optional<Serial> serial = serial_in(message.answers, zone);
  if (!serial) {
    return fail(Errc::kRefused, "it answers without the zone's SOA: it does not serve the zone");
  }
  if ((message.flags & kFlagAa) == 0) {
    return fail(Errc::kRefused,
                "it answers without authority: it does not serve the zone but asks others");
  }
  return *serial;
}

Result<IncomingNotify> read_notify(OctetSpan wire) {
  const Message message = TRY(parse_message(wire));
  const Header header{.flags = message.flags};
  if (header.is_response() || header.opcode() != Opcode::kNotify) {
    return fail(Errc::kInvalid, "no NOTIFY request");
  }
  if (message.questions.size() != 1 || message.questions.front().type != RrType::kSoa ||
      message.questions.front().rr_class != RrClass::kIn) {
    return fail(Errc::kInvalid, "a NOTIFY has one question, for an SOA record of class IN");
  }
  const Name& zone = message.questions.front().name;
  return IncomingNotify{zone, serial_in(message.answers, zone)};
}

}  // namespace tandem
