#include "common/node/outside_secondaries.h"

#include "common/base/logging.h"
#include "common/node/config.h"

namespace tandem {
namespace {

std::string name_of(const OutsideSecondary& secondary) {
  return secondary.notify.empty() ? secondary.transfer.front().to_text()
                                  : secondary.notify.front().to_text();
}

}  // namespace

std::vector<OutsideSecondary> configured_secondaries(const Config& config) {
  std::vector<OutsideSecondary> all = config.also_notify;
  all.insert(all.end(), config.secondaries.begin(), config.secondaries.end());
  return all;
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

std::vector<TransferRule> transfer_rules_of(const std::vector<NamedSecondary>& secondaries) {
  std::vector<TransferRule> out;
  for (const auto& [name, is_logged, secondary] : secondaries) {
    TransferRule& rule = out.emplace_back();
    rule.sources = secondary.transfer;
    if (rule.sources.empty()) {
      for (const SocketAddress& address : secondary.notify) {
        rule.sources.push_back(AddressPrefix::single(*address.system()));
      }
    }
    rule.key = secondary.key;
    rule.needs_tls = secondary.tls_only;
    rule.client_pins = secondary.certificates;
    rule.zones = secondary.zones;
  }
  return out;
}

}  // namespace tandem
