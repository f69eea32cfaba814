#include "common/api/zone_names.h"

#include <limits>
#include <optional>

#include "common/log/codec.h"

namespace tandem {
namespace {

/// The newest entry that touches a deleted zone is the one that deleted it.
std::optional<Name> name_of_deleted(const LogStore& log, const ZoneId& id) {
  const auto newest = log.zone_entries(id, std::numeric_limits<std::uint64_t>::max(), 1);
  if (!newest || newest->empty()) {
    return std::nullopt;
  }
  const auto encoded = log.read(newest->front());
  const auto entry = encoded ? decode_entry(encoded->octets) : std::unexpected(encoded.error());
  if (!entry) {
    return std::nullopt;
  }
  for (const Change& change : entry->changes) {
    const auto* const gone = std::get_if<ZoneDelete>(&change.kind);
    if (change.zone == id && gone != nullptr) {
      return gone->name;
    }
  }
  return std::nullopt;
}

std::string name_of(const ApiServices& services, const ZoneId& id) {
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    if (const ZoneRecordPtr record = log->table().find(id); record != nullptr) {
      return record->name.to_text();
    }
  }
  for (ReplicatedLog* log : {&services.node->cluster_log(), &services.node->local_log()}) {
    if (const auto name = name_of_deleted(log->entries(), id)) {
      return name->to_text();
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

Result<std::vector<ZoneId>> zones_named(ReplicatedLog& log, const Name& name) {
  std::vector<ZoneId> ids;
  if (const ZoneRecordPtr record = log.table().find(name); record != nullptr) {
    ids.push_back(record->id);
  }
  for (const ZoneId& id : TRY(log.entries().zones())) {
    if (!id.is_zero() && log.table().find(id) == nullptr &&
        name_of_deleted(log.entries(), id) == name) {
      ids.push_back(id);
    }
  }
  return ids;
}

}  // namespace tandem
