// Any octets as a NOTIFY, as the answer to one and as the answer to a question for a serial.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/transfer/notify.h"
#include "common/transfer/refresh_answer.h"

namespace tandem {
namespace {

void try_all(OctetSpan message) {
  const auto notify = read_notify(message);
  CHECK(notify || notify.error().code == Errc::kInvalid);
  const Status taken = check_notify_answer(message);
  CHECK(taken || !taken.error().detail.empty());
  CHECK(!notify || !taken);  // nothing is both
  const Name zone = *Name::from_text("example.");
  const auto serial = serial_of_answer(message, zone);
  CHECK(serial || serial.error().code == Errc::kRefused || serial.error().code == Errc::kCorrupt);
  const auto refresh = read_refresh_answer(message, zone);
  CHECK(!refresh || (serial && refresh->serial == *serial));
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= 65535) {
    tandem::try_all({data, size});
  }
  return 0;
}
