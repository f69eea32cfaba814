// Gives a peer the state of the whole cluster at one position, as images: begin, an offer for each
// zone, the chunks that are wanted, end. Zones whose content the peer has already cost one offer; a
// broken-off cut goes on with the chunks that are missing, because the same content makes the same
// chunks.
//
// Also used without begin and end, for the images that entries refer to.
//
// Thread rule: its owner's lock.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "common/node/replicated_log.h"
#include "common/replication/link.h"

namespace tandem {

/// Octets on their way to one peer, about: enough to keep the network busy, little enough to hold.
constexpr std::size_t kLinkQueueGoal = std::size_t{4} << 20U;
/// Octets of entries in one frame, about.
constexpr std::size_t kLinkFrameGoal = std::size_t{1} << 20U;

/// The frame of `entries`, which follow `after`; moves `after` to behind them.
[[nodiscard]] EntriesFrame entries_frame(Position& after, std::span<const EncodedEntry> entries);

class CutSender {
 public:
  CutSender(ReplicatedLog& log, const SecretSealer& sealer, std::shared_ptr<LinkPeer> peer)
      : log_(log), sealer_(sealer), peer_(std::move(peer)) {}

  /// Starts a cut of the table as it is now. `common_sequence`: where the peer's history leaves
  /// ours, so that it keeps its entries after that as orphans; 0 when it is on ours. Fails: as the
  /// store does.
  Status begin(const ClusterId& cluster, std::uint64_t common_sequence);
  /// Sends the secrets and offers the images that an entry names: they go before it.
  Status prepare(const EncodedEntry& entry);

  void on_want(const ImageWantFrame& want);
  /// Sends chunks as far as the peer's queue allows. Fails: as the store does.
  Status pump();

  /// All offers answered and all chunks handed over.
  [[nodiscard]] bool is_done() const noexcept {
    return offers_.empty() && sending_.empty() && !cut_;
  }

  /// The position of the cut that was begun last.
  [[nodiscard]] const Position& position() const noexcept { return position_; }

 private:
  /// Sends a secret that the store has.
  Status send_secret(const SecretId& secret);
  void offer(const ZoneId& zone, const ImageRef& image);

  struct Image {
    ZoneId zone;
    ImageRef ref;
    std::uint32_t next = 0;
  };

  ReplicatedLog& log_;
  const SecretSealer& sealer_;
  std::shared_ptr<LinkPeer> peer_;
  std::vector<Image> offers_;  // not answered yet
  std::deque<Image> sending_;
  bool cut_ = false;    // an end is owed
  ImageGate::Use use_;  // while images are offered or sent
  Position position_;
};

}  // namespace tandem
