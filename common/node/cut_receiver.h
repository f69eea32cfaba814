// Takes images from a peer: those of a cut, which replaces everything in one step when it is
// complete, and those that entries refer to. What the store has already is not asked for again,
// also after a restart.
//
// Thread rule: its owner's strand.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/node/replicated_log.h"
#include "common/replication/link.h"

namespace tandem {

class CutReceiver {
 public:
  CutReceiver(ReplicatedLog& log, const SecretSealer& sealer) : log_(log), sealer_(sealer) {}

  void begin(CutBeginFrame frame);

  [[nodiscard]] bool in_cut() const noexcept { return cut_.has_value(); }

  /// Answers an offer: nothing, all, or what is missing. Fails: kCorrupt when a cut has more than
  /// any cluster, and as the store does.
  Status on_offer(const ImageOfferFrame& offer, LinkPeer& peer);
  /// Fails: kCorrupt for a chunk that was not asked for, and as the store does.
  Status on_chunk(const ImageChunkFrame& chunk);
  /// Fails: kCorrupt when more come than any log names.
  Status on_secret(SecretFrame secret);

  /// Forgets the chunks of an image that could not be read, so that it is asked for again, when
  /// that is what `error` says.
  void drop_if_corrupt(const Error& error, const ZoneId& zone, const ImageRef& image);

  /// Installs the cut: images checked against their digests, everything durable in one write, then
  /// visible in one step. `with` is written together with it. Fails: kCorrupt, or as the store
  /// does; what was served goes on being served.
  Status finish(WriteBatch with);

  /// Of the cut that comes in; zero when none does.
  [[nodiscard]] ClusterId cluster() const noexcept { return cut_ ? cut_->cluster : ClusterId{}; }

  /// The secrets that came and are not stored yet, sealed, as part of `batch`. Fails: kCorrupt when
  /// one that `named` wants is missing or does not have the hash the log gives.
  Status store_secrets(const std::vector<SecretInfo>& named, WriteBatch& batch);

  /// The entries that the images were for are in the log.
  void settle() {
    wanted_.clear();
    use_ = {};
  }

  /// Forgets an unfinished cut: the stream ended. Chunks stay in the store.
  void abandon();

 private:
  [[nodiscard]] bool on_history(const EpochTable& epochs) const;
  Result<ZonePtr> content_of(const ZoneRecord& record, const ImageRef& image);

  ReplicatedLog& log_;
  const SecretSealer& sealer_;
  std::optional<CutBeginFrame> cut_;
  std::map<ZoneId, ImageRef> offered_;  // in this cut
  /// Images that were asked for, with their number of chunks.
  std::map<std::pair<ZoneId, Digest256>, std::uint32_t> wanted_;
  std::map<SecretId, Octets> secrets_;
  std::size_t secret_octets_ = 0;  // of secrets_
  ImageGate::Use use_;             // while images come in
};

}  // namespace tandem
