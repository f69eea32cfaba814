// Reading images back, and sweeping those that nothing refers to.
#include <algorithm>
#include <thread>
#include <utility>

#include "common/base/encoding.h"
#include "common/base/handover.h"
#include "common/crypto/digest.h"
#include "common/log/codec.h"
#include "common/log/content_digest.h"
#include "common/store/image.h"
#include "common/store/image_rows.h"

namespace tandem {
namespace {

/// Calls `visit` with the payload of each chunk of an image in order. Fails: kCorrupt when one is
/// missing or of another section, and with what `visit` returns.
template <class VisitPayload>
Status each_chunk(const Store& store, const ImageKey& key, std::uint32_t chunk_count,
                  const VisitPayload& visit) {
  std::uint32_t next = 0;
  Status bad;
  const auto take = [&](OctetSpan row_key, OctetSpan chunk) -> Status {
    if (row_key.size() != kImageKeyOctets ||
        load_be32(row_key.data() + kImagePrefixOctets) != next) {
      return fail(Errc::kCorrupt, "chunk {} is missing", next);
    }
    ++next;
    const OctetSpan payload = TRY(chunk_payload(chunk, section_of(key.zone)));
    return visit(payload);
  };
  TRYV(store.scan(Family::kImage, image_key(key, 0), image_key(key, chunk_count),
                  [&](OctetSpan row_key, OctetSpan chunk) {
                    bad = take(row_key, chunk);
                    return bad ? ScanNext::kContinue : ScanNext::kStop;
                  }));
  if (bad && next != chunk_count) {
    bad = fail(Errc::kCorrupt, "chunk {} is missing", next);
  }
  if (!bad) {
    return in_context(
        fmt::format("image {} of zone id {}", to_hex(key.content_digest), key.zone.to_text()),
        std::move(bad).error());
  }
  return {};
}

/// Requires: validated.
void add_records(ZoneBuilder& builder, OctetSpan packed) {
  RrUnpacker records(packed);
  while (const auto record = records.next()) {
    builder.add(*record);
  }
}

/// The chunks of a large image are read and checked on a thread of their own while the builder
/// works on those before.
Status add_image(ZoneBuilder& builder, const Store& store, const ImageKey& key,
                 std::uint32_t chunk_count, NameView origin) {
  constexpr std::uint32_t kLarge = 4;  // a megabyte: some milliseconds, a thread starts in some us
  constexpr std::size_t kAhead = 4;
  const auto each_checked = [&](const auto& take) {
    return each_chunk(store, key, chunk_count, [&](OctetSpan packed) -> Status {
      TRYV(validate_packed(packed, origin));
      return take(packed);
    });
  };
  if (chunk_count < kLarge) {
    return each_checked([&](OctetSpan packed) -> Status {
      add_records(builder, packed);
      return {};
    });
  }
  Handover<Octets> ahead(kAhead);
  Status read;
  {
    const std::jthread reader([&] {
      const Handover<Octets>::Closing closing(ahead);
      read = each_checked([&](OctetSpan packed) -> Status {
        return ahead.put(to_octets(packed)) ? Status()
                                            : fail(Errc::kUnavailable, "nobody builds it");
      });
    });
    const Handover<Octets>::Closing closing(ahead);
    while (const auto packed = ahead.take()) {
      add_records(builder, *packed);
    }
  }
  return read;
}

std::string first_error(const ZoneBuilder::Outcome& outcome) {
  const auto is_error = [](const ZoneFinding& finding) {
    return finding.severity == ZoneFinding::Severity::kError;
  };
  const auto found = std::ranges::find_if(outcome.findings, is_error);
  return found == outcome.findings.end() ? "it is no zone" : found->text;
}

/// The first key that is of another image than the one `key` is of.
Octets next_image(OctetSpan key) {
  Octets out = to_octets(key.first(kImagePrefixOctets));
  append_be(out, std::uint32_t{0xffff'ffffU});
  out.push_back(0);
  return out;
}

}  // namespace

Result<Octets> read_image_chunk(const Store& store, const ImageKey& key, std::uint32_t chunk) {
  auto octets = TRY(store.get(Family::kImage, image_key(key, chunk)));
  if (!octets) {
    return fail(Errc::kNotFound, "chunk {} of an image is not there", chunk);
  }
  return *std::move(octets);
}

Result<std::uint32_t> image_chunks_present(const Store& store, const ImageKey& key) {
  std::uint32_t count = 0;
  TRYV(store.scan(Family::kImage, image_key(key, 0), image_end(key),
                  [&](OctetSpan row_key, OctetSpan /*chunk*/) {
                    if (row_key.size() != kImageKeyOctets ||
                        load_be32(row_key.data() + kImagePrefixOctets) != count) {
                      return ScanNext::kStop;
                    }
                    ++count;
                    return ScanNext::kContinue;
                  }));
  return count;
}

Result<ZonePtr> read_image_undigested(const Store& store, LogId log, const ZoneId& zone,
                                      const ImageRef& ref, NameView origin,
                                      const ZoneLimits& limits) {
  const ImageKey key{log, zone, ref.content_digest};
  // What the reference says is believed as far as the chunks can hold it.
  const std::uint64_t room = ref.chunk_count * std::uint64_t{kImageChunkOctets};
  ZoneBuilder builder(origin, limits, {.records = std::min(ref.record_count, room)});
  TRYV(add_image(builder, store, key, ref.chunk_count, origin));
  const ZoneBuilder::Outcome outcome = builder.build();
  if (outcome.zone == nullptr) {
    return fail(Errc::kCorrupt, "the image of {} does not make a zone: {}", origin.to_text(),
                first_error(outcome));
  }
  const Zone& built = *outcome.zone;
  if (built.record_count() != ref.record_count || built.serial() != ref.serial) {
    return fail(Errc::kCorrupt,
                "the image of {} has {} records and serial {}, not {} records and serial {}",
                origin.to_text(), built.record_count(), built.serial(), ref.record_count,
                ref.serial);
  }
  return outcome.zone;
}

Result<ZonePtr> read_image(const Store& store, LogId log, const ZoneId& zone, const ImageRef& ref,
                           NameView origin, const ZoneLimits& limits) {
  ZonePtr built = TRY(read_image_undigested(store, log, zone, ref, origin, limits));
  if (content_digest_of(*built).value() != ref.content_digest) {
    return fail(Errc::kCorrupt, "the image of {} does not have the content digest {}",
                origin.to_text(), to_hex(ref.content_digest));
  }
  return built;
}

Result<LogState> read_state_image(const Store& store, LogId log, const ImageRef& ref) {
  const ImageKey key{log, ZoneId{}, ref.content_digest};
  Octets encoded;
  TRYV(each_chunk(store, key, ref.chunk_count, [&](OctetSpan piece) -> Status {
    append(encoded, piece);
    return {};
  }));
  if (sha256(encoded) != ref.content_digest) {
    return fail(Errc::kCorrupt, "the image of the log's state does not have the digest {}",
                to_hex(ref.content_digest));
  }
  return decode_state(encoded);
}

Status sweep_images(const Store& store, LogId log,
                    const std::function<bool(const ZoneId&, const Digest256&)>& is_wanted,
                    WriteBatch& batch) {
  const Octets end{static_cast<std::uint8_t>(static_cast<std::uint8_t>(log) + 1)};
  Octets from{static_cast<std::uint8_t>(log)};
  while (true) {
    std::optional<Octets> found;  // the key of the next image's first chunk
    TRYV(store.scan(Family::kImage, from, end, [&](OctetSpan key, OctetSpan /*chunk*/) {
      found = to_octets(key);
      return ScanNext::kStop;
    }));
    if (!found) {
      return {};
    }
    if (found->size() != kImageKeyOctets) {
      return fail(Errc::kCorrupt, "an image row has a key of {} octets", found->size());
    }
    ImageKey image{log, ZoneId::from(OctetSpan(*found).subspan(1, 16)), {}};
    std::memcpy(image.content_digest.data(), found->data() + 17, image.content_digest.size());
    from = next_image(*found);
    if (!is_wanted(image.zone, image.content_digest)) {
      batch.erase_range(Family::kImage, *found, from);
    }
  }
}

}  // namespace tandem
