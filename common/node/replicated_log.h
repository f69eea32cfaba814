// One log of a node with all that follows it: the store, the entries, the table, what is published. The writer, the
// replica and the restart work on the same one.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/crypto/node_key.h"
#include "common/node/publisher.h"
#include "common/node/zone_table.h"
#include "common/store/image.h"
#include "common/store/log_store.h"
#include "common/store/store.h"

namespace tandem {

/// A group that has become durable and visible. Views into the committer's data, valid during the call.
struct CommittedGroup {
  LogId log;
  Position position;
  std::span<const EncodedEntry> entries;
};

class ReplicatedLog {
 public:
  ReplicatedLog(Store& store, std::unique_ptr<LogStore> entries, Publisher& publisher,
                const Clock& clock);

  [[nodiscard]] LogId id() const noexcept { return entries_->id(); }
  [[nodiscard]] Store& store() noexcept { return store_; }
  [[nodiscard]] LogStore& entries() noexcept { return *entries_; }
  [[nodiscard]] ZoneTable& table() noexcept { return table_; }
  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }

  /// A draft over the table that finds images in the store.
  [[nodiscard]] TableDraft draft();

  /// Durable, then visible, then announced: the only order there is (RFC 2136 s3.5). Appends `entries` and `with` in
  /// one synced write, makes `draft` the table, publishes it, tells the listeners.
  /// Fails: as LogStore::append; then nothing is visible, and whether it is durable shows after recover().
  Status commit(std::span<const EncodedEntry> entries, TableDraft& draft, WriteBatch with);

  /// Makes a draft visible that says the same in another form (zones compacted in memory): no entry, no position.
  void republish(TableDraft& draft);

  /// After a failed commit: opens the store anew and applies what turned out to be durable. Fails: as
  /// Store::reopen(); to be tried again later.
  Status recover();
  /// True from a failed commit to a good recover().
  [[nodiscard]] bool is_broken() const;
  [[nodiscard]] std::string broken_reason() const;

  /// Builds table and catalog from checkpoints and entries: the restart.
  Status load();

  /// Replaces everything by another state (images were installed); publishes it in one step.
  void install(const ZoneTable::Snapshot& snapshot);

  /// Called after each commit, on the committing thread. To be added before changes begin.
  using Listener = std::function<void(const CommittedGroup&)>;
  void add_listener(Listener listener) { listeners_.push_back(std::move(listener)); }

  /// The content an image holds, checked against its reference.
  Result<ZonePtr> content_of(const ZoneRecord& record, const ImageRef& image) const;

 private:
  Status replay_after(std::uint64_t sequence);

  Store& store_;
  std::unique_ptr<LogStore> entries_;
  Publisher& publisher_;
  const Clock& clock_;
  ZoneTable table_;
  std::vector<Listener> listeners_;
  mutable std::mutex broken_mutex_;
  std::string broken_reason_;  // empty: good
};

}  // namespace tandem
