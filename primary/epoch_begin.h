// The first entry of an epoch: who leads from here on.
#pragma once

#include <string>

#include "common/node/replicated_log.h"

namespace tandem {

/// Makes that entry durable and visible, together with what `with` has. `reason` is kept with it.
/// Nobody else may commit to the log meanwhile. Fails: as ReplicatedLog::commit(); kConflict when
/// `epoch` is not newer than the log's last one.
Status begin_epoch(ReplicatedLog& log, const SecretSealer& sealer, const Epoch& epoch,
                   const ClusterId& cluster, const std::string& reason, const WriteBatch& with);

}  // namespace tandem
