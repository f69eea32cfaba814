#include "common/node/notify_targets.h"

#include <algorithm>

#include "common/base/logging.h"

namespace tandem {
namespace {

std::string text_of(const std::optional<SocketAddress>& address) {
  return address ? address->to_text() : std::string();
}

std::string name_of(const OutsideSecondary& secondary) {
  return secondary.notify.empty() ? secondary.transfer.front().to_text()
                                  : secondary.notify.front().to_text();
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

std::vector<NamedSecondary> named_secondaries(const std::vector<OutsideSecondary>& configured,
                                              const SettingBook& logged) {
  std::vector<NamedSecondary> out;
  for (const OutsideSecondary& secondary : configured) {
    out.push_back({name_of(secondary), false, secondary});
  }
  for (const auto& [name, text] : logged) {
    if (auto secondary = OutsideSecondary::from_text(text)) {
      out.push_back({name, true, *std::move(secondary)});
    } else {
      log_warn("outside secondary not understood name={} reason=\"{}\"", name,
               secondary.error().detail);
    }
  }
  return out;
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
