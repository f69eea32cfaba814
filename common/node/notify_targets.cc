#include "common/node/notify_targets.h"

#include <algorithm>

namespace tandem {
namespace {

std::string text_of(const std::optional<SocketAddress>& address) {
  return address ? address->to_text() : std::string();
}

}  // namespace

bool NotifyTarget::follows(NameView zone) const noexcept {
  const auto found = std::ranges::lower_bound(zones, zone, {}, &Name::view);
  return zones.empty() || (found != zones.end() && found->view() == zone);
}

bool operator==(const NotifyTarget& a, const NotifyTarget& b) {
  return a.name == b.name && a.is_logged == b.is_logged &&
         a.address.to_text() == b.address.to_text() && text_of(a.via) == text_of(b.via) &&
         a.key == b.key && a.zones == b.zones;
}

std::vector<NotifyTarget> notify_targets(const std::vector<NamedSecondary>& secondaries) {
  std::vector<NotifyTarget> out;
  for (const auto& [name, is_logged, secondary] : secondaries) {
    for (const SocketAddress& address : secondary.notify) {
      out.push_back({name, is_logged, address, secondary.via, secondary.key, secondary.zones});
    }
  }
  return out;
}

}  // namespace tandem
