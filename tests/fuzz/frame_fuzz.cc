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
  // The answer comes from where the query went: somewhere that can be asked, as a filter sees to.
  Octets asked(frame.begin(), frame.end());
  const bool is_ip4 = query.head_octets == kUdp4HeadOctets;
  const std::size_t octets = is_ip4 ? 4 : 16;
  const std::size_t destination = query.head_octets - kUdpOctets - octets;
  std::fill_n(asked.begin() + static_cast<std::ptrdiff_t>(destination), octets, std::uint8_t{32});
  store_be16(asked.data() + query.head_octets - kUdpOctets + 2, 53);

  Octets out(query.head_octets + query.message.size());
  std::ranges::copy(query.message, out.begin() + static_cast<std::ptrdiff_t>(query.head_octets));
  CHECK(write_answer_heads(asked, query, out, query.message.size()) == out.size());
  const Datagram again = read_datagram(out);
  CHECK(again.head_octets == query.head_octets);
  CHECK(std::ranges::equal(again.message, query.message));
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tandem::try_frame({data, size});
  return 0;
}
