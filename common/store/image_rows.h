// Keys of image rows (grammar: image.h). Internal to image.cc and image_read.cc.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/store/image.h"

namespace tandem {

enum class ImageSection : std::uint8_t { kRecords = 1, kState = 2 };

constexpr std::size_t kImagePrefixOctets = 1 + 16 + 32;
constexpr std::size_t kImageKeyOctets = kImagePrefixOctets + 4;

[[nodiscard]] Octets image_key(const ImageKey& key, std::uint32_t chunk);
/// The first key behind all chunks of an image.
[[nodiscard]] Octets image_end(const ImageKey& key);

/// What follows the section of a chunk. Fails: kCorrupt for another section.
Result<OctetSpan> chunk_payload(OctetSpan chunk, ImageSection section);

/// The section that images of this zone id have.
[[nodiscard]] inline ImageSection section_of(const ZoneId& zone) noexcept {
  return zone.is_zero() ? ImageSection::kState : ImageSection::kRecords;
}

}  // namespace tandem
