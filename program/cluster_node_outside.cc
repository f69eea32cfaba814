// The part of cluster_node.h that is about servers outside of the cluster.
#include "common/node/outside_secondaries.h"
#include "program/cluster_node.h"

namespace tandem {

void ClusterNode::make_notifier() {
  client_ = std::make_unique<DnsClient>(node_->key(), node_->clock());
  Notifier::Options options;
  options.configured = configured_secondaries(node_->config());
  options.logged = leads() ? Notifier::LoggedServers::kTold : Notifier::LoggedServers::kNone;
  notifier_ = std::make_unique<Notifier>(
      Notifier::Services{node_->cluster_log(), node_->local_log(), node_->keys(), node_->clock(),
                         [this](const DnsPeer& peer, Octets message, const AskOptions& asking,
                                DnsClient::Answer answer) {
                           client_->ask(peer, std::move(message), asking, std::move(answer));
                         }},
      std::move(options));
}

/// Who follows may have zones, from every node; a change of that counts with the next transfer.
void ClusterNode::take_secondaries() {
  const std::lock_guard lock(secondaries_mutex_);
  const ZoneTable& table = node_->cluster_log().table();
  const std::uint64_t revision = table.settings_revision(SettingKind::kSecondary);
  if (secondaries_revision_ == revision) {
    return;
  }
  secondaries_revision_ = revision;
  node_->desk().transfers().set_rules(transfer_rules_of(
      named_secondaries(node_->config().secondaries, table.settings(SettingKind::kSecondary))));
}

}  // namespace tandem
