#include "common/node/cut_receiver.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/base/logging.h"
#include "common/crypto/digest.h"
#include "common/node/orphans.h"

namespace tandem {
namespace {

// A peer is known by its key; that does not make it well.
constexpr std::size_t kMaxImages = 262'144;
constexpr std::size_t kMaxSecrets = 262'144;
constexpr std::size_t kMaxSecretOctets = std::size_t{64} << 20U;

}  // namespace

void CutReceiver::begin(CutBeginFrame frame) {
  offered_.clear();
  cut_ = std::move(frame);
}

void CutReceiver::abandon() {
  cut_.reset();
  offered_.clear();
  wanted_.clear();
  secrets_.clear();
  secret_octets_ = 0;
  use_ = {};
}

Status CutReceiver::on_offer(const ImageOfferFrame& offer, LinkPeer& peer) {
  if (!use_.held()) {
    use_ = log_.images().use();
  }
  const ImageKey key{log_.id(), offer.zone, offer.image.content_digest};
  ImageWantFrame want{offer.zone, offer.image.content_digest, 0};
  const ZoneRecordPtr record = log_.table().find(offer.zone);
  const bool is_served = record != nullptr && record->zone != nullptr &&
                         record->digest.value() == offer.image.content_digest;
  want.from_chunk =
      is_served && cut_ ? offer.image.chunk_count : TRY(image_chunks_present(log_.store(), key));
  if (cut_) {
    offered_[offer.zone] = offer.image;
    if (offered_.size() > kMaxImages) {
      return fail(Errc::kCorrupt, "a cut of more than {} images", kMaxImages);
    }
  }
  if (want.from_chunk < offer.image.chunk_count) {
    wanted_[{offer.zone, offer.image.content_digest}] = offer.image.chunk_count;
  }
  peer.send(want);
  return {};
}

Status CutReceiver::on_chunk(const ImageChunkFrame& chunk) {
  const auto wanted = wanted_.find({chunk.zone, chunk.content_digest});
  if (wanted == wanted_.end() || chunk.chunk >= wanted->second) {
    return fail(Errc::kCorrupt, "chunk {} came of an image that was not asked for", chunk.chunk);
  }
  return put_image_chunk(log_.store(), {log_.id(), chunk.zone, chunk.content_digest}, chunk.chunk,
                         chunk.octets);
}

void CutReceiver::drop_if_corrupt(const Error& error, const ZoneId& zone, const ImageRef& image) {
  if (error.code != Errc::kCorrupt) {
    return;
  }
  WriteBatch batch;
  erase_image(batch, {log_.id(), zone, image.content_digest});
  if (const auto erased = log_.store().write(batch, Durability::kBuffered); !erased) {
    log_warn("cannot erase a bad image reason=\"{}\"", erased.error().detail);
  }
}

Result<ZonePtr> CutReceiver::content_of(const ZoneRecord& record, const ImageRef& image) {
  auto content = log_.content_of(record, image);
  if (!content) {
    drop_if_corrupt(content.error(), record.id, image);
  }
  return content;
}

Status CutReceiver::on_secret(SecretFrame secret) {
  Octets& kept = secrets_[secret.secret];
  secret_octets_ += secret.octets.size();
  secret_octets_ -= kept.size();
  kept = std::move(secret.octets);
  if (secrets_.size() > kMaxSecrets || secret_octets_ > kMaxSecretOctets) {
    return fail(Errc::kCorrupt, "more than {} secrets, or {} octets of them", kMaxSecrets,
                kMaxSecretOctets);
  }
  return {};
}

Status CutReceiver::store_secrets(const std::vector<SecretInfo>& named, WriteBatch& batch) {
  for (const SecretInfo& info : named) {
    const auto came = secrets_.find(info.id);
    if (came == secrets_.end()) {
      const std::optional<Octets> there = TRY(log_.store().get(Family::kSecret, info.id.octets));
      if (!there) {
        return fail(Errc::kCorrupt, "the secret \"{}\" did not come with the entry that names it",
                    info.label);
      }
      continue;
    }
    if (sha256(info.salt, came->second) != info.salted_hash) {
      return fail(Errc::kCorrupt, "the secret \"{}\" is not the one that the log names",
                  info.label);
    }
    batch.put(Family::kSecret, info.id.octets, sealer_.seal(came->second, info.id.to_text()));
    secret_octets_ -= came->second.size();
    secrets_.erase(came);
  }
  return {};
}

/// Our last epoch began for the leader where it began for us.
bool CutReceiver::on_history(const EpochTable& epochs) const {
  const EpochTable ours = log_.entries().epochs();
  return ours.empty() || std::ranges::find(epochs, ours.back()) != epochs.end();
}

Status CutReceiver::finish(WriteBatch with) {
  CHECK(cut_.has_value());
  const CutBeginFrame& cut = *cut_;
  ZoneTable::Snapshot next;
  next.position = cut.position;
  auto read = read_state_image(log_.store(), log_.id(), cut.state);
  if (!read) {
    drop_if_corrupt(read.error(), ZoneId{}, cut.state);
    return std::unexpected(std::move(read).error());
  }
  LogState& held = *read;
  const WallTime now = log_.clock().wall();
  for (const ZoneState& state : held.zones) {
    ZoneRecord record{state.id,
                      state.name,
                      state.options,
                      nullptr,
                      {},
                      cut.position.sequence,
                      ZonePolicy(state.rules),
                      state.notes};
    const auto offered = offered_.find(state.id);
    if (state.has_content && offered == offered_.end()) {
      return fail(Errc::kCorrupt, "the cut has no image of {}", state.name.to_text());
    }
    if (state.has_content) {
      const ZoneRecordPtr served = log_.table().find(state.id);
      const bool is_same = served != nullptr && served->zone != nullptr &&
                           served->digest.value() == offered->second.content_digest;
      record.zone = is_same ? served->zone : TRY(content_of(record, offered->second));
      record.digest = ContentDigest(offered->second.content_digest);
      ImageRef image = offered->second;
      if (is_same) {
        // Its chunks may never have been written here; the checkpoint must find them.
        image = TRY(
            write_image(log_.store(), {log_.id(), state.id, image.content_digest}, record.zone));
      }
      put_checkpoint(with, log_.id(), state.id, {cut.position.sequence, image, now});
    }
    next.zones.push_back(std::make_shared<const ZoneRecord>(std::move(record)));
  }
  next.secrets = std::move(held.secrets);
  next.settings = settings_of(held.settings);
  TRYV(store_secrets(next.secrets, with));
  put_checkpoint(with, log_.id(), ZoneId{}, {cut.position.sequence, cut.state, now});
  if (cut.common_sequence != 0 || !on_history(cut.epochs)) {
    TRYV(keep_orphans(log_, cut.common_sequence));
  } else if (log_.entries().head().sequence > cut.position.sequence) {
    TRYV(keep_orphans(log_, cut.position.sequence));
  }
  TRYV(log_.install(next, cut.epochs, std::move(with)));
  log_info("images installed sequence={} zones={}", next.position.sequence, next.zones.size());
  abandon();
  return {};
}

}  // namespace tandem
