// Any text as a master file with notes: they are read or refused, and what is read is written so
// that it is read as the same.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/zone/note_text.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto zone = tandem::Name::from_text("example.");
  const auto found = tandem::notes_in(text, *zone, "text");
  CHECK(!found.notes || found.findings.empty());
  if (found.notes) {
    CHECK(tandem::notes_in(tandem::note_lines(*found.notes), *zone, "text").notes == found.notes);
  }
  return 0;
}
