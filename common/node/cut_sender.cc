#include "common/node/cut_sender.h"

#include <algorithm>

namespace tandem {

EntriesFrame entries_frame(Position& after, std::span<const EncodedEntry> entries) {
  EntriesFrame frame{after, {}};
  for (const EncodedEntry& entry : entries) {
    frame.entries.push_back(entry.octets);
    after = position_after(after, entry);
  }
  return frame;
}

Status CutSender::begin(const ClusterId& cluster, std::uint64_t common_sequence) {
  use_ = log_.images().use();
  const ZoneTable::Snapshot snapshot = log_.table().snapshot();
  offers_.clear();
  sending_.clear();
  position_ = snapshot.position;
  EpochTable epochs = log_.entries().epochs();
  std::erase_if(epochs, [&](const EpochStartPoint& start) {
    return start.sequence > position_.sequence;  // begun since the snapshot
  });
  const ImageRef state = TRY(write_state_image(log_.store(), log_.id(), snapshot.state()));
  peer_->send(CutBeginFrame{position_, std::move(epochs), cluster, state, common_sequence});
  offer(ZoneId{}, state);
  for (const SecretInfo& secret : snapshot.secrets) {
    TRYV(send_secret(secret.id));
  }
  for (const ZoneRecordPtr& record : snapshot.zones) {
    if (record->zone != nullptr) {
      offer(record->id,
            TRY(write_image(log_.store(), {log_.id(), record->id, record->digest.value()},
                            record->zone)));
    }
  }
  cut_ = true;
  return pump();
}

void CutSender::offer(const ZoneId& zone, const ImageRef& image) {
  if (!use_.held()) {
    use_ = log_.images().use();
  }
  offers_.push_back({zone, image, 0});
  peer_->send(ImageOfferFrame{zone, image});
}

Status CutSender::send_secret(const SecretId& secret) {
  const std::optional<Octets> sealed = TRY(log_.store().get(Family::kSecret, secret.octets));
  if (!sealed) {
    return fail(Errc::kCorrupt, "the secret {} is named in the log and missing in the store",
                secret.to_text());
  }
  peer_->send(SecretFrame{secret, TRY(sealer_.open(*sealed, secret.to_text()))});
  return {};
}

Status CutSender::prepare(const EncodedEntry& entry) {
  for (const SecretId& secret : entry.secrets) {
    TRYV(send_secret(secret));
  }
  for (const auto& [zone, image] : entry.images) {
    offer(zone, image);
  }
  return {};
}

void CutSender::on_want(const ImageWantFrame& want) {
  const auto offer = std::ranges::find_if(offers_, [&](const Image& image) {
    return image.zone == want.zone && image.ref.content_digest == want.content_digest;
  });
  if (offer == offers_.end()) {
    return;
  }
  Image image = *offer;
  offers_.erase(offer);
  image.next = want.from_chunk;
  if (image.next < image.ref.chunk_count) {
    sending_.push_back(image);
  }
}

Status CutSender::pump() {
  while (!sending_.empty() && peer_->queued_octets() < kLinkQueueGoal) {
    Image& image = sending_.front();
    ImageChunkFrame chunk{image.zone, image.ref.content_digest, image.next, {}};
    const ImageKey key{log_.id(), image.zone, image.ref.content_digest};
    chunk.octets = TRY(read_image_chunk(log_.store(), key, image.next));
    peer_->send(Frame(std::move(chunk)));
    if (++image.next == image.ref.chunk_count) {
      sending_.pop_front();
    }
  }
  if (!offers_.empty() || !sending_.empty()) {
    return {};
  }
  use_ = {};
  if (cut_) {
    cut_ = false;
    peer_->send(CutEndFrame{});
  }
  return {};
}

}  // namespace tandem
