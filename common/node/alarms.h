// What needs a human, by name, for `status`, the log and who is told (node_watch.h). Any thread may
// call it.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/logging.h"

namespace tandem {

struct Alarm {
  std::string name;
  WallTime since;
  std::string what;
};

class Alarms {
 public:
  explicit Alarms(const Clock& clock) : clock_(clock) {}

  /// Raises, changes or (with an empty text) ends the alarm `name`.
  void set(const std::string& name, std::string what) {
    const std::lock_guard lock(mutex_);
    const auto found = alarms_.find(name);
    if (what.empty()) {
      if (found != alarms_.end()) {
        log_info("alarm over name={}", name);
        alarms_.erase(found);
      }
    } else if (found == alarms_.end()) {
      log_error("alarm name={} what=\"{}\"", name, what);
      alarms_.emplace(name, Alarm{name, clock_.wall(), std::move(what)});
    } else {
      found->second.what = std::move(what);
    }
  }

  [[nodiscard]] std::vector<Alarm> all() const {
    const std::lock_guard lock(mutex_);
    std::vector<Alarm> all;
    all.reserve(alarms_.size());
    for (const auto& [name, alarm] : alarms_) {
      all.push_back(alarm);
    }
    return all;
  }

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Alarm> alarms_;
};

}  // namespace tandem
