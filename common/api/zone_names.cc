#include "common/api/zone_names.h"

#include "common/node/deleted_zones.h"

namespace tandem {
namespace {

std::string name_of(const ApiServices& services, const ZoneId& id) {
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    if (const ZoneRecordPtr record = log->table().find(id); record != nullptr) {
      return record->name.to_text();
    }
  }
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    const auto deleted = deletion_of(log->entries(), id).value_or(std::nullopt);
    if (deleted) {
      return deleted->gone.name.to_text();
    }
  }
  return id.to_text();
}

}  // namespace

const std::string& ZoneNames::of(const ZoneId& id) {
  const auto found = known_.find(id);
  return found != known_.end() ? found->second
                               : known_.emplace(id, name_of(services_, id)).first->second;
}

}  // namespace tandem
