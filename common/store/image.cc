#include "common/store/image.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/crypto/digest.h"
#include "common/log/codec.h"
#include "common/store/image_rows.h"
#include "common/zone/rr_pack.h"

namespace tandem {
namespace {

constexpr std::size_t kChunksPerWrite = 4;
constexpr std::uint32_t kNoChunk = 0xffff'ffffU;  // never the number of a chunk
constexpr std::size_t kCheckpointOctets = 8 + 32 + 4 + 8 + 4 + 8;

Octets new_chunk(ImageSection section) {
  Octets chunk;
  chunk.reserve(kImageChunkOctets + kImageChunkOctets / 8);
  chunk.push_back(static_cast<std::uint8_t>(section));
  return chunk;
}

Octets checkpoint_prefix(LogId log) {
  Octets key = to_octets(as_octets("checkpoint/"));
  key.push_back(static_cast<std::uint8_t>(log));
  return key;
}

Octets checkpoint_key(LogId log, const ZoneId& zone) {
  Octets key = checkpoint_prefix(log);
  append(key, zone.octets);
  return key;
}

std::unexpected<Error> malformed_checkpoint() {
  return fail(Errc::kCorrupt, "a checkpoint row is malformed");
}

std::optional<Checkpoint> checkpoint_of(OctetSpan value) {
  if (value.size() != kCheckpointOctets) {
    return std::nullopt;
  }
  const std::uint8_t* const at = value.data();
  Checkpoint checkpoint{load_be64(at), {}, {}};
  std::memcpy(checkpoint.image.content_digest.data(), at + 8, 32);
  checkpoint.image.chunk_count = load_be32(at + 40);
  checkpoint.image.record_count = load_be64(at + 44);
  checkpoint.image.serial = load_be32(at + 52);
  checkpoint.time =
      WallTime(std::chrono::microseconds(static_cast<std::int64_t>(load_be64(at + 56))));
  return checkpoint;
}

/// Writes chunks a few at a time; those that are there from an earlier try are only counted.
class ChunkWriter {
 public:
  static Result<ChunkWriter> open(Store& store, const ImageKey& key) {
    return ChunkWriter(store, key, TRY(image_chunks_present(store, key)));
  }

  Status add(OctetSpan chunk) {
    const std::uint32_t number = count_++;
    if (number < present_) {
      return {};
    }
    batch_.put(Family::kImage, image_key(key_, number), chunk);
    return batch_.operations().size() < kChunksPerWrite ? Status() : flush();
  }

  /// Writes what is left and returns how many chunks there are.
  Result<std::uint32_t> finish() {
    if (!batch_.empty()) {
      TRYV(flush());
    }
    return count_;
  }

 private:
  ChunkWriter(Store& store, const ImageKey& key, std::uint32_t present)
      : store_(&store), key_(key), present_(present) {}

  Status flush() { return store_->write(std::exchange(batch_, {}), Durability::kBuffered); }

  Store* store_;
  ImageKey key_;
  std::uint32_t present_;
  std::uint32_t count_ = 0;
  WriteBatch batch_;
};

}  // namespace

Octets image_key(const ImageKey& key, std::uint32_t chunk) {
  Octets out;
  out.reserve(kImageKeyOctets);
  out.push_back(static_cast<std::uint8_t>(key.log));
  append(out, key.zone.octets);
  append(out, key.content_digest);
  append_be(out, chunk);
  return out;
}

Octets image_end(const ImageKey& key) {
  return image_key(key, kNoChunk);
}

Result<OctetSpan> chunk_payload(OctetSpan chunk, ImageSection section) {
  if (chunk.empty() || chunk[0] != static_cast<std::uint8_t>(section)) {
    return fail(Errc::kCorrupt, "an image chunk of {} octets is not of section {}", chunk.size(),
                static_cast<unsigned>(section));
  }
  return chunk.subspan(1);
}

ImageMaker::ImageMaker(ZonePtr zone)
    : zone_(std::move(zone)), walker_(zone_->walk()), open_(new_chunk(ImageSection::kRecords)) {}

void ImageMaker::visit_node(NodeView node) {
  RrPacker packer(open_);
  std::optional<RrType> last;
  zone_->for_each_record_at(node, [&](const PackedRecord& record) {
    if (open_.size() >= kImageChunkOctets && record.type != last) {
      full_.push_back(std::exchange(open_, new_chunk(ImageSection::kRecords)));
      packer = RrPacker(open_);
    }
    packer.add(record.owner, record.type, record.ttl, record.rdata);
    last = record.type;
  });
}

std::optional<Octets> ImageMaker::next() {
  while (full_.empty() && walker_.valid()) {
    visit_node(walker_.node());
    walker_.next();
  }
  if (full_.empty() && open_.size() > 1) {
    full_.push_back(std::exchange(open_, {}));
  }
  if (full_.empty()) {
    return std::nullopt;
  }
  Octets chunk = std::move(full_.front());
  full_.pop_front();
  return chunk;
}

Result<ImageRef> write_image(Store& store, const ImageKey& key, const ZonePtr& zone) {
  ChunkWriter writer = TRY(ChunkWriter::open(store, key));
  ImageMaker maker(zone);
  while (const auto chunk = maker.next()) {
    TRYV(writer.add(*chunk));
  }
  return ImageRef{key.content_digest, TRY(writer.finish()), zone->record_count(), zone->serial()};
}

Status put_image_chunk(Store& store, const ImageKey& key, std::uint32_t chunk, OctetSpan octets) {
  TRYV(chunk_payload(octets, section_of(key.zone)));
  if (chunk == kNoChunk) {
    return fail(Errc::kCorrupt, "no image has {} chunks", chunk);
  }
  WriteBatch batch;
  batch.put(Family::kImage, image_key(key, chunk), octets);
  return store.write(batch, Durability::kBuffered);
}

Result<ImageRef> write_state_image(Store& store, LogId log, const LogState& state) {
  const Octets encoded = encode_state(state);
  if (encoded.size() > kMaxStateOctets) {
    return fail(Errc::kTooLarge, "the state of the log has {} octets, an image of it at most {}",
                encoded.size(), kMaxStateOctets);
  }
  const ImageKey key{log, ZoneId{}, sha256(encoded)};
  ChunkWriter writer = TRY(ChunkWriter::open(store, key));
  OctetSpan rest(encoded);
  do {  // at least one chunk, or an empty state would be no image
    Octets chunk = new_chunk(ImageSection::kState);
    const std::size_t octets = std::min(rest.size(), kImageChunkOctets);
    append(chunk, rest.first(octets));
    rest = rest.subspan(octets);
    TRYV(writer.add(chunk));
  } while (!rest.empty());
  return ImageRef{key.content_digest, TRY(writer.finish()),
                  state.zones.size() + state.secrets.size(), 0};
}

void put_checkpoint(WriteBatch& batch, LogId log, const ZoneId& zone,
                    const Checkpoint& checkpoint) {
  Octets value;
  value.reserve(kCheckpointOctets);
  append_be(value, checkpoint.sequence);
  append(value, checkpoint.image.content_digest);
  append_be(value, checkpoint.image.chunk_count);
  append_be(value, checkpoint.image.record_count);
  append_be(value, checkpoint.image.serial);
  append_be(value, static_cast<std::uint64_t>(checkpoint.time.time_since_epoch().count()));
  batch.put(Family::kMeta, checkpoint_key(log, zone), value);
  batch.require_buffered();
}

void erase_image(WriteBatch& batch, const ImageKey& key) {
  batch.erase_range(Family::kImage, image_key(key, 0), image_end(key));
}

void erase_checkpoint(WriteBatch& batch, LogId log, const ZoneId& zone) {
  batch.erase(Family::kMeta, checkpoint_key(log, zone));
}

Result<std::vector<std::pair<ZoneId, Checkpoint>>> read_checkpoints(const Store& store, LogId log) {
  const Octets prefix = checkpoint_prefix(log);
  Octets end = prefix;
  ++end.back();
  std::vector<std::pair<ZoneId, Checkpoint>> found;
  Status read;
  TRYV(store.scan(Family::kMeta, prefix, end, [&](OctetSpan key, OctetSpan value) {
    const OctetSpan zone = key.subspan(prefix.size());
    const auto checkpoint = checkpoint_of(value);
    if (!checkpoint || zone.size() != ZoneId{}.octets.size()) {
      read = malformed_checkpoint();
      return ScanNext::kStop;
    }
    found.emplace_back(ZoneId::from(zone), *checkpoint);
    return ScanNext::kContinue;
  }));
  TRYV(std::move(read));
  return found;
}

Result<std::optional<Checkpoint>> read_checkpoint(const Store& store, LogId log,
                                                  const ZoneId& zone) {
  const auto value = TRY(store.get(Family::kMeta, checkpoint_key(log, zone)));
  if (!value) {
    return std::nullopt;
  }
  const auto checkpoint = checkpoint_of(*value);
  return checkpoint ? Result<std::optional<Checkpoint>>(checkpoint) : malformed_checkpoint();
}

}  // namespace tandem
