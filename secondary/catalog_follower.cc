#include "secondary/catalog_follower.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/base/background.h"
#include "common/base/logging.h"

namespace tandem {
namespace {

using std::chrono::seconds;

// A zone that was in the way may be gone, a full disk have space again: nothing tells of that.
constexpr seconds kTryAgain{10};
// Of looks in a row: more means that somebody else changes the same.
constexpr unsigned kMostLooks = 16;

struct Counts {
  std::size_t added = 0;
  std::size_t removed = 0;
  std::size_t reset = 0;
  std::size_t changed = 0;
};

Counts counts_of(const std::vector<MemberStep>& steps) {
  Counts out;
  for (const MemberStep& step : steps) {
    const auto before = MemberSetting::from_text(step.before);
    if (!step.after.from) {
      ++out.removed;
    } else if (step.is_reset) {
      ++out.reset;
    } else if (before && before->from) {
      ++out.changed;
    } else {
      ++out.added;
    }
  }
  return out;
}

}  // namespace

CatalogFollower::CatalogFollower(const Services& services, ZoneSources configured)
    : services_(services), configured_(std::move(configured)), clock_(services.log.clock()) {}

CatalogFollower::~CatalogFollower() {
  stop();
}

void CatalogFollower::start() {
  thread_ = std::thread([this] { run(); });
}

void CatalogFollower::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void CatalogFollower::on_commit() {
  if (!has_catalogs_ &&
      services_.log.table().settings_revision(SettingKind::kCatalog) == looked_revision_) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    is_awake_ = true;
  }
  wake_.notify_one();
}

bool CatalogFollower::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

void CatalogFollower::run() {
  give_way();
  while (!is_stopping()) {
    turn();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kTryAgain, [this] { return is_stopping_ || is_awake_; });
    is_awake_ = false;
  }
}

std::optional<FollowedState> CatalogFollower::state(NameView catalog) const {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(setting_name(catalog));
  return found != states_.end() ? std::optional(found->second) : std::nullopt;
}

std::vector<FollowedState> CatalogFollower::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<FollowedState> out;
  for (const auto& [name, state] : states_) {
    out.push_back(state);
  }
  return out;
}

CatalogFollower::Seen CatalogFollower::what_there_is() const {
  ZoneTable& table = services_.log.table();
  Seen seen{{table.settings_revision(SettingKind::kCatalog),
             table.settings_revision(SettingKind::kSource),
             table.settings_revision(SettingKind::kMember)},
            {}};
  for (const auto& [name, value] : table.settings(SettingKind::kCatalog)) {
    const auto setting = CatalogSetting::from_text(value);
    const auto zone = Name::from_text(name);
    if (setting && setting->followed && zone) {
      const ZoneRecordPtr record = table.find(*zone);
      seen.catalogs[name] = record != nullptr ? record->sequence : 0;
    }
  }
  return seen;
}

bool CatalogFollower::is_due(const Seen& seen) const {
  return seen != seen_ || (is_incomplete_ && clock_.monotonic() - looked_ >= kTryAgain);
}

void CatalogFollower::turn() {
  for (unsigned i = 0; i < kMostLooks && !is_stopping(); ++i) {
    Seen seen = what_there_is();
    if (!is_due(seen)) {
      return;
    }
    looked_revision_ = seen.settings[0];
    has_catalogs_ = !seen.catalogs.empty();
    seen_ = std::move(seen);
    looked_ = clock_.monotonic();
    if (!look()) {
      return;
    }
  }
}

bool CatalogFollower::look() {
  const CatalogReview review(services_.log.table(), configured_);
  std::map<std::string, FollowedState> states;
  bool has_changed = false;
  is_incomplete_ = false;
  for (const CatalogReview::Catalog& catalog : review.catalogs()) {
    FollowedState state = this->state(catalog.name).value_or(FollowedState{catalog.name});
    state.problem = catalog.problem;
    has_changed = act_on(review, catalog, state) || has_changed;
    is_incomplete_ = is_incomplete_ || !state.problem.empty() || state.clash_count > 0;
    tell(state);
    states.emplace(setting_name(catalog.name), std::move(state));
  }
  const std::lock_guard lock(mutex_);
  states_ = std::move(states);
  return has_changed;
}

bool CatalogFollower::act_on(const CatalogReview& review, const CatalogReview::Catalog& catalog,
                             FollowedState& state) {
  if (!catalog.content) {
    return false;
  }
  const CatalogReview::Findings findings = review.findings_of(catalog);
  state.clash_count = findings.clashes.size();
  state.clashes = findings.clashes;
  state.clashes.resize(std::min(state.clashes.size(), kShownClashes));
  if (!findings.steps.empty()) {
    if (const Status applied = apply(catalog.name, findings.steps); !applied) {
      state.problem = applied.error().detail;
      return false;
    }
    const Counts counts = counts_of(findings.steps);
    log_info("catalog applied catalog={} serial={} added={} removed={} reset={} changed={}",
             catalog.name.to_text(), catalog.serial.value_or(0), counts.added, counts.removed,
             counts.reset, counts.changed);
  }
  state.applied = catalog.serial;
  return !findings.steps.empty();
}

/// Change by change: what else waits for the writer goes between. A step that is refused, or too
/// large, keeps no other one back: the last such one is the failure.
Status CatalogFollower::apply(const Name& catalog, std::span<const MemberStep> steps) {
  Status failed;
  for (std::size_t at = 0, size = kMostSteps; at < steps.size();) {
    const auto now = steps.subspan(at, std::min(size, steps.size() - at));
    const Status applied = apply_at_once(catalog, now);
    const bool is_of_one = !applied && (applied.error().code == Errc::kTooLarge ||
                                        applied.error().code == Errc::kRefused);
    if (is_of_one && now.size() > 1) {
      size = now.size() / 2;
      continue;
    }
    if (is_of_one) {
      failed = in_context(now.front().zone.to_text(), applied.error());
    } else if (!applied) {
      return applied;
    }
    at += now.size();
    size = std::min(size * 2, kMostSteps);
  }
  return failed;
}

Status CatalogFollower::apply_at_once(const Name& catalog, std::span<const MemberStep> steps) {
  if (is_stopping()) {
    return fail(Errc::kUnavailable, "the server is stopping");
  }
  TRYV(submit_and_wait(services_.sink, {"catalog", "catalog", catalog.to_text(), ""},
                       plan_members(catalog, {steps.begin(), steps.end()})));
  for (const MemberStep& step : steps) {
    if (step.is_reset) {  // else it would be asked for only when its refresh time is over
      static_cast<void>(services_.pulls.retransfer(step.zone));
    }
  }
  return {};
}

/// One line for each thing that is wrong, not for each look that finds it again.
void CatalogFollower::tell(const FollowedState& state) {
  const FollowedState before = this->state(state.catalog).value_or(FollowedState{state.catalog});
  if (!state.problem.empty() && state.problem != before.problem) {
    log_warn("catalog not applied catalog={} reason=\"{}\"", state.catalog.to_text(),
             state.problem);
  }
  if (state.clash_count > 0 && state.clashes != before.clashes) {
    log_warn("catalog lists zones that are here already catalog={} count={} first={}",
             state.catalog.to_text(), state.clash_count, state.clashes.front().to_text());
  }
}

}  // namespace tandem
