// Ethernet frames from the network: nothing outside of the frame is read, and what is answered is
// answered by a frame that is good itself.
#include <algorithm>
#include <cstdint>

#include "common/base/check.h"
#include "common/net/xdp_packet.h"

namespace tandem {
namespace {

void try_frame(OctetSpan frame) {
  const Datagram query = read_datagram(frame);
  if (query.head_octets == 0) {
    return;
  }
  CHECK(query.message.data() == frame.data() + query.head_octets);
  CHECK(query.head_octets + query.message.size() <= frame.size());
  Octets out(query.head_octets + query.message.size());
  std::ranges::copy(query.message, out.begin() + static_cast<std::ptrdiff_t>(query.head_octets));
  CHECK(write_answer_heads(frame, query, out, query.message.size()) == out.size());

  // Turned round, a source that is asked again could be one that nobody has: then it is no query.
  const Datagram again = read_datagram(out);
  CHECK(again.head_octets == 0 || (again.head_octets == query.head_octets &&
                                   std::ranges::equal(again.message, query.message)));
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tandem::try_frame({data, size});
  return 0;
}
