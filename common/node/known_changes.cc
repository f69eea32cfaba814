#include "common/node/known_changes.h"

#include <algorithm>

namespace tandem {

Status check_peers_know(const LinkHub& hub, KnownChange what) {
  for (const PeerStatus& peer : hub.peers()) {
    if (std::ranges::find(peer.change_kinds, static_cast<std::uint32_t>(what)) ==
        peer.change_kinds.end()) {
      return fail(Errc::kRefused,
                  "the node {}{} does not know this kind of change: upgrade it first",
                  peer.node.to_text(),
                  peer.version.empty()
                      ? ", which was not met since the start,"
                      : fmt::format(" at {} has version {}, which", peer.address, peer.version));
    }
  }
  return {};
}

}  // namespace tandem
