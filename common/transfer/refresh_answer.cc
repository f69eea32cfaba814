#include "common/transfer/refresh_answer.h"

#include "common/dns/edns.h"
#include "common/dns/message.h"
#include "common/transfer/notify.h"

namespace tandem {

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
