// The part of running_role.h that counts: numbers of the roles for /metrics.
#include "program/running_role.h"

namespace tandem {
namespace {

void add_notifier_metrics(const Notifier& notifier, std::vector<ApiServices::Metric>& metrics) {
  const auto add = [&](const std::string& outcome, std::string help, std::uint64_t value) {
    metrics.push_back(
        {"notify_" + outcome + "_total", std::move(help), static_cast<double>(value), true});
  };
  const Notifier::Stats& stats = notifier.stats();
  add("sent", "NOTIFY messages for outside secondaries.", stats.sent);
  add("answered", "NOTIFY messages that were taken.", stats.answered);
  add("refused", "NOTIFY messages answered with an error.", stats.refused);
  add("unanswered", "NOTIFY messages without an answer.", stats.unanswered);
  metrics.push_back({"notify_behind",
                     "Zones that outside secondaries are behind with, each server "
                     "apart.",
                     static_cast<double>(notifier.behind_count()), false});
}

}  // namespace

std::vector<ApiServices::Metric> RunningRole::metrics() const {
  std::vector<ApiServices::Metric> metrics;
  const auto add = [&](std::string name, std::string help, const Counter& counter) {
    metrics.push_back(
        {std::move(name), std::move(help), static_cast<double>(counter.value()), true});
  };
  const Writer::Stats& stats = writer_->stats();
  add("change_groups_total", "Groups of changes made durable together.", stats.groups);
  add("change_entries_total", "Log entries written.", stats.entries);
  add("change_refused_total", "Changes refused for what they ask.", stats.refused);
  add_metrics(metrics);
  add_notifier_metrics(*notifier_, metrics);
  add("change_failed_groups_total", "Groups the store did not take.", stats.failed);
  if (const auto refused = place_.link_refused(); refused) {
    metrics.push_back({"link_refused_total", "Link connections turned away.",
                       static_cast<double>(*refused), true});
  }
  return metrics;
}

}  // namespace tandem
