// The part of cluster_node.h that counts: numbers of the roles for /metrics.
#include "program/cluster_node.h"

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

std::vector<ApiServices::Metric> ClusterNode::metrics() const {
  std::vector<ApiServices::Metric> metrics;
  const Writer* const writer =
      cluster_writer_ != nullptr ? cluster_writer_.get() : local_writer_.get();
  const auto add = [&](std::string name, std::string help, const Counter& counter) {
    metrics.push_back(
        {std::move(name), std::move(help), static_cast<double>(counter.value()), true});
  };
  add("change_groups_total", "Groups of changes made durable together.", writer->stats().groups);
  add("change_entries_total", "Log entries written.", writer->stats().entries);
  add("change_refused_total", "Changes refused for what they ask.", writer->stats().refused);
  if (waits_ != nullptr) {
    const auto add_wait = [&](const std::string& outcome, std::string help, std::uint64_t value) {
      metrics.push_back(
          {"change_wait_" + outcome + "_total", std::move(help), static_cast<double>(value), true});
    };
    const ReceiptWaits::Stats& waits = waits_->stats();
    add_wait("in_time", "Changes that every follower had before they were acknowledged.",
             waits.in_time);
    add_wait("timed_out", "Changes acknowledged before every follower had them.", waits.timed_out);
    add_wait("alone", "Changes that should have waited for a follower, and none was in step.",
             waits.alone);
    add_wait("outside_in_time",
             "Changes that every outside secondary had before they were acknowledged.",
             waits.outside_in_time);
    add_wait("outside_timed_out", "Changes acknowledged before every outside secondary had them.",
             waits.outside_timed_out);
  }
  add_notifier_metrics(*notifier_, metrics);
  add("change_failed_groups_total", "Groups the store did not take.", writer->stats().failed);
  if (const std::lock_guard lock(link_mutex_); link_ != nullptr) {
    metrics.push_back({"link_refused_total", "Link connections turned away.",
                       static_cast<double>(link_->refused_count()), true});
  }
  return metrics;
}

}  // namespace tandem
