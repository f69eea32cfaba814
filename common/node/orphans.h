// Changes that this node had acknowledged and that are not in the cluster's history any more: kept,
// so that a human can see them and make them again. Nothing is lost in silence.
//
//   meta   "orphan/" log:u8 epoch-number:u64 epoch-leader:16 sequence:u64  -> entry-octets
#pragma once

#include <vector>

#include "common/base/result.h"
#include "common/log/entry.h"
#include "common/node/replicated_log.h"

namespace tandem {

/// Stores the log's entries after `sequence` as orphans, durably. Entries stored before stay as
/// they are.
Status keep_orphans(ReplicatedLog& log, std::uint64_t sequence);

Result<std::vector<Entry>> read_orphans(const Store& store, LogId log);

}  // namespace tandem
