// Frames of the link from any octets: what decodes, encodes and decodes again to the same frame;
// what does not says why.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/replication/frames.h"

namespace tandem {
namespace {

void try_frame(OctetSpan octets) {
  const auto frame = decode_frame(octets);
  if (!frame) {
    CHECK(frame.error().code == Errc::kCorrupt || frame.error().code == Errc::kRefused);
    CHECK(!frame.error().detail.empty());
    return;
  }
  const Octets encoded = encode_frame(*frame);
  const auto again = decode_frame(encoded);
  CHECK(again.has_value());
  CHECK(*again == *frame);
  CHECK(encode_frame(*again) == encoded);
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tandem::try_frame({data, size});
  return 0;
}
