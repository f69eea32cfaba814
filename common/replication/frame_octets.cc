// What a frame takes in memory, for whoever lets frames wait.
#include "common/replication/frames.h"

namespace tandem {

std::size_t octets_of(const Frame& frame) {
  constexpr std::size_t kSmall = 1024;
  if (const auto* const entries = std::get_if<EntriesFrame>(&frame)) {
    std::size_t octets = kSmall;
    for (const Octets& entry : entries->entries) {
      octets += kSmall + entry.size();
    }
    return octets;
  }
  if (const auto* const chunk = std::get_if<ImageChunkFrame>(&frame)) {
    return kSmall + chunk->octets.size();
  }
  if (const auto* const orphan = std::get_if<OrphanRequestFrame>(&frame)) {
    return kSmall + orphan->entry.size() + orphan->wish.size();
  }
  if (const auto* const secret = std::get_if<SecretFrame>(&frame)) {
    return kSmall + secret->octets.size();
  }
  return kSmall;
}

}  // namespace tandem
