// Images: the whole content of a zone (or of a log's state) in chunks, under the content they hold.
//
//   image     (log:u8 zone:16 content-digest:32 chunk:u32) -> chunk-octets
//   meta      "checkpoint/" log:u8 zone:16                 -> checkpoint
//   chunk     := section:u8 payload        section 1: packed records (zone/rr_pack.h) in canonical
//   order
//                                          section 2: LogState (log.proto), for zone id 0
//
//   checkpoint := sequence:u64 content-digest:32 chunks:u32 records:u64 serial:u32 time_us:u64
//
// A chunk holds about 256 KiB and never cuts an RRset. An image is whole when all chunk_count
// chunks are there; what a checkpoint or a log entry refers to is whole, because chunks are durable
// before the reference is.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/store/store.h"
#include "common/zone/zone.h"
#include "common/zone/zone_builder.h"

namespace tandem {

constexpr std::size_t kImageChunkOctets = std::size_t{256} * 1024;

struct ImageKey {
  LogId log = LogId::kCluster;
  ZoneId zone;
  Digest256 content_digest{};
};

/// Cuts a zone into chunks, one at a time: what is stored and what is sent is the same octets, and
/// the same zone gives the same chunks each time (letter case apart), so that a transfer can go on
/// where it was cut.
class ImageMaker {
 public:
  explicit ImageMaker(ZonePtr zone);

  /// The next chunk; nothing after the last.
  [[nodiscard]] std::optional<Octets> next();

 private:
  void visit_node(NodeView node);

  ZonePtr zone_;
  Zone::Walker walker_;
  Octets open_;              // the chunk that is being filled
  std::deque<Octets> full_;  // a large name can fill several at once
};

/// Writes all chunks of `zone`, a few at a time, and returns what refers to them. They are durable
/// before whatever refers to them is (WriteBatch::require_buffered). Chunks that are there already
/// are left alone, so that a cut image is finished. May run beside the writer of the log. Fails as
/// Store::write.
Result<ImageRef> write_image(Store& store, const ImageKey& key, const ZonePtr& zone);

/// Stores one chunk that came over the link, durable as write_image() says. Fails: kCorrupt when it
/// is not a chunk of this kind of image, and as Store::write.
Status put_image_chunk(Store& store, const ImageKey& key, std::uint32_t chunk, OctetSpan octets);

/// One stored chunk. Fails: kNotFound.
Result<Octets> read_image_chunk(const Store& store, const ImageKey& key, std::uint32_t chunk);

/// How many chunks from 0 on are there without a gap.
Result<std::uint32_t> image_chunks_present(const Store& store, const ImageKey& key);

/// Builds the zone that the image holds. Fails: kCorrupt when a chunk is missing or malformed, or
/// the content digest, the record count or the serial is another than `ref` says.
Result<ZonePtr> read_image(const Store& store, LogId log, const ZoneId& zone, const ImageRef& ref,
                           NameView origin, const ZoneLimits& limits);

/// The same without computing the content digest again, for a start: the image was held to it
/// before anything referred to it, and the store's own checksums cover its octets since.
Result<ZonePtr> read_image_undigested(const Store& store, LogId log, const ZoneId& zone,
                                      const ImageRef& ref, NameView origin,
                                      const ZoneLimits& limits);

/// The newest image of a zone of a log and where in the log it stands.
struct Checkpoint {
  std::uint64_t sequence = 0;  // the image holds everything up to and with this entry
  ImageRef image;
  WallTime time{};  // when the image was made, or came
};

/// Also makes the batch wait for the image's chunks.
void put_checkpoint(WriteBatch& batch, LogId log, const ZoneId& zone, const Checkpoint& checkpoint);
void erase_checkpoint(WriteBatch& batch, LogId log, const ZoneId& zone);
Result<std::vector<std::pair<ZoneId, Checkpoint>>> read_checkpoints(const Store& store, LogId log);
/// Nothing when the zone has no image.
Result<std::optional<Checkpoint>> read_checkpoint(const Store& store, LogId log,
                                                  const ZoneId& zone);

/// The image of zone id 0: the log's state. Always one chunk set of its own encoding.
Result<ImageRef> write_state_image(Store& store, LogId log, const LogState& state);
Result<LogState> read_state_image(const Store& store, LogId log, const ImageRef& ref);

/// Adds to `batch` the erasure of all chunks of one image.
void erase_image(WriteBatch& batch, const ImageKey& key);

/// Adds to `batch` the erasure of every image of `log` that `is_wanted` does not want.
Status sweep_images(const Store& store, LogId log,
                    const std::function<bool(const ZoneId&, const Digest256&)>& is_wanted,
                    WriteBatch& batch);

}  // namespace tandem
