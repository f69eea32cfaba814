#include "common/transfer/refresh_question.h"

#include <array>

#include "common/dns/edns.h"
#include "common/dns/header.h"
#include "common/dns/message.h"
#include "common/transfer/notify.h"

namespace tandem {
namespace {

// Root, type OPT, the payload that is taken, no flags, and an EXPIRE option without a value.
constexpr std::array<std::uint8_t, 15> kOptWithExpire{
    0, 0, 41, kDefaultUdpPayload >> 8U, kDefaultUdpPayload & 0xffU, 0, 0, 0, 0, 0, 4, 0, 9, 0, 0};

}  // namespace

Octets refresh_question(NameView zone, std::uint16_t id) {
  Octets question = soa_question(zone, id);
  question.insert(question.end(), kOptWithExpire.begin(), kOptWithExpire.end());
  Header header = load_header(question.data());
  ++header.additional_count;
  store_header(question.data(), header);
  return question;
}

Result<RefreshAnswer> read_refresh_answer(OctetSpan answer, NameView zone) {
  RefreshAnswer out{TRY(serial_of_answer(answer, zone)), std::nullopt};
  const Message message = TRY(parse_message(answer));
  for (const MessageRecord& record : message.additionals) {
    if (record.type == RrType::kOpt) {
      out.expire = expire_option(record.rdata);
    }
  }
  return out;
}

}  // namespace tandem
