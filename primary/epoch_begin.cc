#include "primary/epoch_begin.h"

#include "primary/commit_group.h"

namespace tandem {

Status begin_epoch(ReplicatedLog& log, const SecretSealer& sealer, const Epoch& epoch,
                   const ClusterId& cluster, const std::string& reason, const WriteBatch& with) {
  const ZoneSources no_sources;
  CommitGroup group(log, sealer, epoch, no_sources);
  const ChangeRequest request{{"tandem", "self", reason, ""},
                              {},
                              [&](const TableDraft& /*zones*/) -> Result<Plan> {
                                return Plan{{Change{ZoneId{}, EpochStart{cluster}}}, {}, {}};
                              },
                              nullptr};
  static_cast<void>(TRY(group.add(request)));
  TRYV(group.finish());
  return log.commit(group.encoded(), group.draft(), with);
}

}  // namespace tandem
