#include "program/running_role.h"

#include "common/base/logging.h"
#include "common/node/outside_secondaries.h"
#include "common/node/version.h"
#include "common/node/zone_files.h"

namespace tandem {
namespace {

/// Zones of the node's other log are not taken here too: a zone is in one log.
ZoneSources sources_for(Node& node, const ReplicatedLog& own) {
  ReplicatedLog& other = own.id() == LogId::kCluster ? node.local_log() : node.cluster_log();
  SettingBook pulls = node.config().pulls;
  std::erase_if(pulls, [&](const auto& pull) {
    const auto zone = Name::from_text(pull.first);
    return zone && other.table().find(*zone) != nullptr;
  });
  return ZoneSources(std::move(pulls));
}

}  // namespace

RunningRole::RunningRole(const Place& place, ReplicatedLog& own_log)
    : place_(place), own_log_(own_log), sources_(sources_for(place.node, own_log)) {}

RunningRole::~RunningRole() = default;

Status RunningRole::start() {
  make_notifier();
  take_secondaries();
  TRYV(make_parts());
  outside_ = std::make_unique<OutsideServers>(node(), own_log_, *writer_, sources_, *client_);
  node().desk().set_pulls(&outside_->pulls());
  make_api();
  writer_->start();
  TRYV(load_zones());
  notifier_->start();
  outside_->start();
  return {};
}

void RunningRole::stop() {
  if (std::exchange(is_stopped_, true)) {
    return;
  }
  if (api_ != nullptr) {
    api_->stop();
  }
  stop_peers();
  node().desk().set_pulls(nullptr);
  if (outside_ != nullptr) {
    outside_->stop();
  }
  if (writer_ != nullptr) {
    writer_->stop();
  }
  stop_waits();
  if (notifier_ != nullptr) {
    notifier_->stop();
    client_->stop();
  }
  finish();
}

void RunningRole::make_notifier() {
  client_ = std::make_unique<DnsClient>(node().key(), node().clock());
  Notifier::Options options;
  options.configured = configured_secondaries(node().config());
  options.logged = own_log_.id() == LogId::kCluster ? Notifier::LoggedServers::kTold
                                                    : Notifier::LoggedServers::kNone;
  notifier_ = std::make_unique<Notifier>(
      Notifier::Services{node().cluster_log(), node().local_log(), node().keys(), node().clock(),
                         [this](const DnsPeer& peer, Octets message, const AskOptions& asking,
                                DnsClient::Answer answer) {
                           client_->ask(peer, std::move(message), asking, std::move(answer));
                         }},
      std::move(options));
}

/// Who follows may have zones, from every node; a change of that counts with the next transfer.
void RunningRole::take_secondaries() {
  const std::lock_guard lock(secondaries_mutex_);
  const ZoneTable& table = node().cluster_log().table();
  const std::uint64_t revision = table.settings_revision(SettingKind::kSecondary);
  if (secondaries_revision_ == revision) {
    return;
  }
  secondaries_revision_ = revision;
  node().desk().transfers().set_rules(transfer_rules_of(
      named_secondaries(node().config().secondaries, table.settings(SettingKind::kSecondary))));
}

void RunningRole::on_commit(const CommittedGroup& group) {
  notifier_->on_commit(group);
  take_secondaries();
  if (outside_ != nullptr) {
    outside_->on_commit();
  }
  if (api_ != nullptr) {
    api_->on_commit();
  }
}

void RunningRole::every_second() {
  notifier_->check();
  take_secondaries();  // a log that was replaced has no listeners
  retry_zone_files();
  expirer_->check();
}

void RunningRole::look_after_local_log() {
  if (own_log_.id() == LogId::kLocal) {
    writer_->look_after_store();
  } else if (node().local_log().is_broken()) {
    static_cast<void>(node().local_log().recover());  // tried again in a second
  }
}

std::uint64_t RunningRole::trim_limit() const {
  return node().cluster_log().table().position().sequence;
}

Status RunningRole::take_over() {
  return fail(Errc::kConflict, "this node leads already");
}

Result<Position> RunningRole::end_changes() {
  return fail(Errc::kConflict, "it follows itself");
}

void RunningRole::clear_doubt() {
  if (const auto cleared = node().clear_doubt(); !cleared) {
    log_warn("cannot clear the mark of doubt reason=\"{}\"", cleared.error().detail);
  }
}

PromotionView RunningRole::promotion_view() const {
  PromotionView view = tandem::promotion_view(
      node().id(), node().role_row(), node().cluster_log().entries().head(), place_.hub.peers());
  view.is_doubtful = node().is_doubtful();
  return view;
}

Status RunningRole::load_zones() {
  const std::lock_guard lock(zone_files_mutex_);
  const Config& config = node().config();
  const std::size_t answered = load_zone_files(node(), own_log_, *writer_, [this] {
    zone_files_wait_.store(true, std::memory_order_relaxed);
  });
  const bool has_others = !node().cluster_log().table().all().empty() ||
                          !node().local_log().table().all().empty() || !config.pulls.empty() ||
                          node().has_link();
  if (!config.zones.empty() && answered == 0 && !has_others) {
    return fail(Errc::kInvalid, "no zone can be answered: see the errors above");
  }
  return {};
}

void RunningRole::reload_zone_files() {
  if (const auto loaded = load_zones(); !loaded) {
    log_error("{}", loaded.error().detail);
  }
}

/// What was refused because the disk was full or the log in doubt is taken once that is over.
void RunningRole::retry_zone_files() {
  // A flag to look again: whatever it says is checked anew.
  if (writer_->read_only_reason().empty() &&
      zone_files_wait_.exchange(false, std::memory_order_relaxed)) {
    reload_zone_files();
  }
}

void RunningRole::make_api() {
  ApiServices services;
  services.program = place_.program;
  services.version = std::string(kVersion);
  services.node = &node();
  services.cluster_keeper = &place_.cluster_keeper;
  services.hub = &place_.hub;
  services.enrolment = &place_.enrolment;
  services.teller = &place_.teller;
  services.watch = &place_.watch;
  services.notifier = notifier_.get();
  services.failover = &place_.failover;
  services.ask_server = [this](const DnsPeer& peer, Octets message, const AskOptions& options,
                               DnsClient::Answer answer) {
    client_->ask(peer, std::move(message), options, std::move(answer));
  };
  services.pulls = &outside_->pulls();
  services.catalogs = &outside_->catalogs();
  services.link_listening = place_.link_listening;
  services.link_dialling = place_.link_dialling;
  services.promote = place_.promote;
  services.role_metrics = [this] { return metrics(); };
  fill_services(services);
  api_ = std::make_unique<Api>(std::move(services));
}

}  // namespace tandem
