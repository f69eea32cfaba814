#include "primary/failover_changes.h"

#include "common/base/logging.h"
#include "common/node/failover_plans.h"

namespace tandem {

void FailoverChanges::take_outcome(Names& names, const std::string& name,
                                   const Result<Receipt>& receipt) {
  const std::lock_guard lock(names.mutex);
  names.asked.erase(name);
  if (receipt) {
    names.failed.erase(name);
    for (const std::string& warning : receipt->warnings) {
      log_warn("failover: {}", warning);
    }
  } else if (names.failed.insert(name).second) {
    log_warn("failover not made name=\"{}\" reason=\"{}\"", name, receipt.error().detail);
  }
}

void FailoverChanges::check(const std::vector<FailoverView>& all) {
  for (const FailoverView& view : all) {
    const FailoverSetting& setting = view.failover.setting;
    const bool is_down = view.in_force == Health::kDown;
    if (setting.mode != FailoverMode::kChanges || view.in_force == Health::kUnknown ||
        setting.base.has_value() == is_down) {
      continue;
    }
    {
      const std::lock_guard lock(names_->mutex);
      if (!names_->asked.insert(view.name).second) {
        continue;
      }
    }
    const std::string target = setting.target.to_text();
    sink_.submit({{"failover", "health", {}, target + (is_down ? " is down" : " is up")},
                  {},
                  plan_variant(view.name, is_down ? Variant::kAlternative : Variant::kBase),
                  [names = names_, name = view.name](const Result<Receipt>& receipt) {
                    take_outcome(*names, name, receipt);
                  }});
  }
}

}  // namespace tandem
