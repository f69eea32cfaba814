// Any text as a named.conf, which may include itself: it is read or refused, and what is read has
// the words of its places.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "ctl/named_conf.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::size_t included = 0;
  const auto conf = tandem::read_named_conf(
      text, "conf",
      [&](std::string_view file,
          std::string_view /*directory*/) -> tandem::Result<tandem::IncludedConf> {
        // Itself, a few times: more would only be slow.
        if (++included > 3) {
          return tandem::fail(tandem::Errc::kNotFound, "enough");
        }
        return tandem::IncludedConf{std::string(file), text};
      });
  if (conf) {
    for (const tandem::NamedZone& zone : conf->zones) {
      CHECK(zone.place.find(':') != std::string::npos);
      CHECK(zone.type != "master" && zone.type != "slave");
    }
  }
  return 0;
}
