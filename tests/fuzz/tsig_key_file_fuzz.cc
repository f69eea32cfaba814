// Any text as a file of keys: what is read of it is written for BIND and for Knot, and is read from
// there the same.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/crypto/tsig_key_file.h"

namespace tandem {
namespace {

void read_again(const TsigKey& key, std::string_view text) {
  const auto again = tsig_keys_from_file_text(text);
  CHECK(again && again->size() == 1);
  CHECK(again->front().name == key.name && again->front().algorithm == key.algorithm &&
        again->front().secret == key.secret);
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto keys = tandem::tsig_keys_from_file_text({reinterpret_cast<const char*>(data), size});
  if (keys) {
    for (const tandem::TsigKey& key : *keys) {
      tandem::read_again(key, tandem::to_bind_text(key));
      tandem::read_again(key, tandem::to_knot_text(key));
    }
  }
  return 0;
}
