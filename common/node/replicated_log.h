// One log of a node with all that follows it: the store, the entries, the table, what is published.
// The writer, the replica and the restart work on the same one.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.h"
#include "common/crypto/node_key.h"
#include "common/node/publisher.h"
#include "common/node/zone_table.h"
#include "common/store/image.h"
#include "common/store/log_store.h"
#include "common/store/store.h"

namespace tandem {

/// A group that has become durable and visible. Views into the committer's data, valid during the
/// call.
struct CommittedGroup {
  LogId log;
  Position position;
  std::span<const EncodedEntry> entries;
};

/// Keeps the sweeper away from images that are being written, sent or received: nothing refers to
/// those yet. Any thread may call it.
class ImageGate {
 public:
  /// Held for as long as images must stay.
  class Use {
   public:
    Use() = default;

    explicit Use(ImageGate& gate) : gate_(&gate) {}

    Use(Use&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}

    Use& operator=(Use&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }

    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

    ~Use() {
      if (gate_ != nullptr) {
        gate_->leave();
      }
    }

    [[nodiscard]] bool held() const noexcept { return gate_ != nullptr; }

   private:
    ImageGate* gate_ = nullptr;
  };

  /// Waits while a sweep is going on.
  [[nodiscard]] Use use();
  /// Runs `sweep` when nobody uses images now. False: somebody does.
  bool sweep_if_unused(const std::function<void()>& sweep);

 private:
  void leave();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::size_t users_ = 0;
  bool sweeping_ = false;
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

  /// Durable, then visible, then announced: the only order there is (RFC 2136 s3.5). Appends
  /// `entries` and `with` in one synced write, makes `draft` the table, publishes it, tells the
  /// listeners. Fails: as LogStore::append; then nothing is visible. kConflict: and nothing was
  /// written; otherwise recover() shows whether it is durable.
  Status commit(std::span<const EncodedEntry> entries, TableDraft& draft, WriteBatch with);

  /// Rewrites in memory those of the zones of which more than half is garbage of older versions:
  /// the same content, no entry, no position. Changes wait meanwhile, queries do not.
  void compact(std::span<const ZoneId> zones);

  /// While is_broken(): opens the store anew and applies what turned out to be durable; the
  /// listeners hear of entries as of any commit. For whoever commits: a draft from before it may be
  /// committed only when head() is still the same. Fails: as Store::reopen(); to be tried again
  /// later.
  Status recover();

  /// True from a failed write, of this log or of whatever else is in the store, to a good
  /// recover(): nothing can be changed.
  [[nodiscard]] bool is_broken() const { return !broken_reason().empty(); }

  [[nodiscard]] std::string broken_reason() const;

  /// Builds the table from checkpoints and entries: the restart. Nothing is answered from it before
  /// publish(). Fails: kCorrupt when they do not hold together; nothing may be made of this log
  /// then.
  Status load();
  /// Makes the whole table visible for the first time.
  void publish();

  /// Replaces everything, log and table, by another state (images came): durable together with
  /// `with`, then published in one step. Secrets that it leaves out are erased. Fails: as
  /// LogStore::restart_at; then nothing has changed.
  Status install(const ZoneTable::Snapshot& snapshot, const EpochTable& epochs, WriteBatch with);

  /// Forgets entries, and the secrets that they dropped, beside commits: LogStore::trim() with
  /// everybody else who changes the log kept away for as long as one step of it takes. Ends early
  /// once `is_enough`.
  Status trim(std::uint64_t sequence, const std::function<bool()>& is_enough);

  /// Counts how often everything was replaced: what was read from the table before says nothing
  /// about the log after it.
  [[nodiscard]] std::uint64_t generation() const;
  /// Writes checkpoints that were made of the table as it was in `generation`. Fails: kConflict
  /// when it has been replaced since, and as Store::write.
  Status write_checkpoints(const WriteBatch& batch, std::uint64_t generation);

  [[nodiscard]] ImageGate& images() noexcept { return image_gate_; }

  /// Called with what became of the secrets that the log names, once that is durable and before the
  /// table shows it: whoever sees a position finds its secrets in use. With all of them at
  /// publish(), before which it is to be set. On whichever thread changes the log, under its lock.
  using SecretListener = std::function<void(const SecretDifference&)>;

  void set_secret_listener(SecretListener listener) { secret_listener_ = std::move(listener); }

  /// Called after each commit, on the committing thread. To be added before changes begin.
  using Listener = std::function<void(const CommittedGroup&)>;

  void add_listener(Listener listener) { listeners_.push_back(std::move(listener)); }

  /// The content an image holds, checked against its reference.
  Result<ZonePtr> content_of(const ZoneRecord& record, const ImageRef& image) const;

 private:
  class Loader;
  Status check_trusted() const;
  Status noted(Status written);
  void announce(const Position& position, std::span<const EncodedEntry> entries);
  Status reopen_and_replay(std::vector<EncodedEntry>& replayed);
  Status replay_after(std::uint64_t sequence, std::vector<EncodedEntry>& replayed);
  Status load_anew();
  void show(TableDraft& draft, const Position& position);
  void show_all(const ZoneTable::Snapshot& next);
  void tell(const SecretDifference& secrets) const;
  [[nodiscard]] Result<std::vector<SecretId>> secrets_beside(
      const std::vector<SecretInfo>& named) const;
  Status erase_secrets(const std::vector<SecretId>& dropped);

  Store& store_;
  std::unique_ptr<LogStore> entries_;
  Publisher& publisher_;
  const Clock& clock_;
  ZoneTable table_;
  SecretListener secret_listener_;
  std::vector<Listener> listeners_;
  ImageGate image_gate_;
  /// Whoever changes the log holds it: LogStore wants one at a time, and the keeper's thread is not
  /// the writer's. Never held while a listener is called.
  mutable std::mutex change_mutex_;
  std::uint64_t generation_ = 0;  // guarded by change_mutex_
  mutable std::mutex broken_mutex_;
  /// Of a write of this log: what is in memory may not be what is durable. Empty: it is.
  std::string broken_reason_;
};

}  // namespace tandem
