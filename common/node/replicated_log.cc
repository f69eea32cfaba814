#include "common/node/replicated_log.h"

#include <algorithm>
#include <map>

#include "common/base/failpoint.h"
#include "common/base/logging.h"
#include "common/log/codec.h"
#include "common/zone/zone_builder.h"

namespace tandem {
namespace {

constexpr std::size_t kReplayOctets = 4 << 20;

// Below this much garbage a zone is not worth the trouble.
constexpr std::size_t kGarbageWorthwhile = std::size_t{256} * 1024;

bool is_worth_compacting(const Zone& zone) {
  const Zone::Memory memory = zone.memory();
  return memory.garbage_octets >= kGarbageWorthwhile &&
         memory.garbage_octets * 2 >= memory.arena_octets;
}

bool changes_content(const ChangeKind& kind) noexcept {
  return std::holds_alternative<RecordChange>(kind) || std::holds_alternative<ZoneReplace>(kind);
}

}  // namespace

ImageGate::Use ImageGate::use() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return !sweeping_; });
  ++users_;
  return Use(*this);
}

void ImageGate::leave() {
  const std::lock_guard lock(mutex_);
  --users_;
}

bool ImageGate::sweep_if_unused(const std::function<void()>& sweep) {
  {
    const std::lock_guard lock(mutex_);
    if (users_ > 0 || sweeping_) {
      return false;
    }
    sweeping_ = true;
  }
  sweep();
  {
    const std::lock_guard lock(mutex_);
    sweeping_ = false;
  }
  wake_.notify_all();
  return true;
}

ReplicatedLog::ReplicatedLog(Store& store, std::unique_ptr<LogStore> entries, Publisher& publisher,
                             const Clock& clock)
    : store_(store),
      entries_(std::move(entries)),
      publisher_(publisher),
      clock_(clock),
      table_(entries_->id()) {}

Result<ZonePtr> ReplicatedLog::content_of(const ZoneRecord& record, const ImageRef& image) const {
  return read_image(store_, table_.log(), record.id, image, record.name, record.limits());
}

TableDraft ReplicatedLog::draft() {
  return TableDraft(table_, [this](const ZoneRecord& record, const ImageRef& image) {
    return content_of(record, image);
  });
}

Status ReplicatedLog::commit(std::span<const EncodedEntry> entries, TableDraft& draft,
                             WriteBatch with) {
  Position position;
  {
    const std::lock_guard changing(change_mutex_);
    TRYV(check_trusted());
    if (entries.front().sequence != entries_->head().sequence + 1) {
      return fail(Errc::kConflict, "the log went on to entry {} meanwhile",
                  entries_->head().sequence);
    }
    TRYV(noted(entries_->append(entries, std::move(with))));
    failpoint("durable");
    position = entries_->head();
    show(draft, position);
  }
  failpoint("visible");
  announce(position, entries);
  failpoint("announced");
  return {};
}

/// Requires: change_mutex_.
void ReplicatedLog::show(TableDraft& draft, const Position& position) {
  tell(draft.secret_difference());
  publisher_.publish(table_.log(), draft.commit(position));
}

/// Requires: change_mutex_.
void ReplicatedLog::show_all(const ZoneTable::Snapshot& next) {
  tell(difference_of(table_.secrets(), next.secrets));
  publisher_.publish(table_.log(), table_.replace_all(next));
}

void ReplicatedLog::tell(const SecretDifference& secrets) const {
  if (secret_listener_ && !secrets.empty()) {
    secret_listener_(secrets);
  }
}

void ReplicatedLog::announce(const Position& position, std::span<const EncodedEntry> entries) {
  for (const Listener& listener : listeners_) {
    listener({table_.log(), position, entries});
  }
}

void ReplicatedLog::compact(std::span<const ZoneId> zones) {
  for (const ZoneId& id : zones) {
    const std::lock_guard changing(change_mutex_);  // a change waits for one zone, not for all
    const ZoneRecordPtr record = table_.find(id);
    if (record != nullptr && record->zone != nullptr && is_worth_compacting(*record->zone)) {
      publisher_.publish(table_.log(),
                         {table_.reform(id, compacted(*record->zone, record->limits()))});
    }
  }
}

std::string ReplicatedLog::broken_reason() const {
  const std::lock_guard lock(broken_mutex_);
  return broken_reason_.empty() ? store_.write_failure() : broken_reason_;
}

/// Nothing is written on top of what is not known. Requires: change_mutex_.
Status ReplicatedLog::check_trusted() const {
  const std::lock_guard lock(broken_mutex_);
  if (!broken_reason_.empty()) {
    return fail(Errc::kUnavailable, "the log is to be read again after a failed write: {}",
                broken_reason_);
  }
  return {};
}

/// Passes on what became of a write of this log, and remembers a failure of the store. Requires:
/// change_mutex_.
Status ReplicatedLog::noted(Status written) {
  const auto may_be_durable = [](Errc code) {
    return code == Errc::kNoSpace || code == Errc::kIo || code == Errc::kUnavailable;
  };
  if (!written && (may_be_durable(written.error().code) || !store_.write_failure().empty())) {
    const std::lock_guard lock(broken_mutex_);
    broken_reason_ = written.error().detail;
    log_error("store refuses changes reason=\"{}\"", broken_reason_);
  }
  return written;
}

Status ReplicatedLog::recover() {
  std::vector<EncodedEntry> replayed;
  {
    const std::lock_guard changing(change_mutex_);
    const Status recovered = reopen_and_replay(replayed);
    const std::lock_guard lock(broken_mutex_);
    if (!recovered) {
      broken_reason_ = recovered.error().detail;
      return recovered;
    }
    log_info("store takes changes again sequence={}", table_.position().sequence);
    broken_reason_.clear();
  }
  if (!replayed.empty()) {
    announce(table_.position(), replayed);
  }
  return {};
}

Status ReplicatedLog::reopen_and_replay(std::vector<EncodedEntry>& replayed) {
  TRYV(store_.reopen());
  TRYV(entries_->reload());
  const Position shown = table_.position();
  const bool goes_on = shown.sequence + 1 >= entries_->first_sequence() &&
                       TRY(entries_->chain_at(shown.sequence)) == shown.chain;
  return goes_on ? replay_after(shown.sequence, replayed) : load_anew();
}

/// Adds to `replayed` what it made visible.
Status ReplicatedLog::replay_after(std::uint64_t sequence, std::vector<EncodedEntry>& replayed) {
  while (true) {
    const std::vector<EncodedEntry> entries = TRY(entries_->read_after(sequence, kReplayOctets));
    if (entries.empty()) {
      return {};
    }
    TableDraft next = draft();
    Position position = table_.position();
    for (const EncodedEntry& encoded : entries) {
      const Entry entry = TRY(decode_entry(encoded.octets));
      for (const Change& change : entry.changes) {
        TRYV(next.apply(change));
      }
      position = position_after(position, encoded);
    }
    sequence = position.sequence;
    show(next, position);
    replayed.insert(replayed.end(), entries.begin(), entries.end());
  }
}

/// What the checkpoints of a log hold, while it is loaded.
class ReplicatedLog::Loader {
 public:
  Loader(ReplicatedLog& log, ZoneTable& table)
      : log_(log),
        table_(table),
        next_(table, [this](const ZoneRecord& record, const ImageRef& image) {
          return content_of(record, image);
        }) {}

  /// State image, zone images, then every entry that they do not hold yet.
  Status run() {
    for (const auto& [zone, checkpoint] : TRY(read_checkpoints(log_.store_, log_.id()))) {
      checkpoints_[zone] = checkpoint;
    }
    TRYV(load_images());
    const Position head = log_.entries_->head();
    std::uint64_t after = std::max(from_, log_.entries_->first_sequence() - 1);
    while (after < head.sequence) {
      for (const EncodedEntry& encoded : TRY(log_.entries_->read_after(after, kReplayOctets))) {
        const Entry entry = TRY(decode_entry(encoded.octets));
        TRYV(apply(entry));
        after = encoded.sequence;
        if (entry.group_end) {  // so that each zone knows the group that changed it last
          next_.commit({head.epoch, after, {}});
        }
      }
    }
    next_.commit(head);
    return {};
  }

 private:
  Status load_images() {
    const auto state = checkpoints_.find(ZoneId{});
    if (state == checkpoints_.end()) {
      return {};
    }
    ZoneTable::Snapshot snapshot;
    state_sequence_ = state->second.sequence;
    from_ = state_sequence_;
    LogState held = TRY(read_state_image(log_.store_, log_.id(), state->second.image));
    for (const ZoneState& zone : held.zones) {
      ZoneRecord record{zone.id, zone.name, zone.options,           nullptr,
                        {},      0,         ZonePolicy(zone.rules), zone.notes};
      TRYV(fill(record));
      if (zone.has_content) {
        from_ = std::min(from_, record.sequence);
      }
      snapshot.zones.push_back(std::make_shared<const ZoneRecord>(std::move(record)));
    }
    snapshot.secrets = std::move(held.secrets);
    snapshot.settings = settings_of(held.settings);
    table_.replace_all(snapshot);
    return {};
  }

  /// Gives a zone the content of its image, if it has one.
  Status fill(ZoneRecord& record) const {
    const auto found = checkpoints_.find(record.id);
    if (found != checkpoints_.end()) {
      record.zone = TRY(content_of(record, found->second.image));
      record.digest = ContentDigest(found->second.image.content_digest);
      record.sequence = found->second.sequence;
    }
    return {};
  }

  [[nodiscard]] Result<ZonePtr> content_of(const ZoneRecord& record, const ImageRef& image) const {
    return read_image_undigested(log_.store_, log_.id(), record.id, image, record.name,
                                 record.limits());
  }

  Status apply(const Entry& entry) {
    for (const Change& change : entry.changes) {
      if (is_held(entry, change)) {
        continue;
      }
      TRYV(next_.apply(change));
      if (std::holds_alternative<ZoneCreate>(change.kind)) {
        ZoneRecord record = *next_.find(change.zone);
        TRYV(fill(record));
        if (record.zone != nullptr) {
          TRYV(next_.set_content(record.id, record.zone, record.digest));
        }
      }
    }
    return {};
  }

  /// True for what an image holds already, and for the content of a zone that is gone by the state
  /// image.
  [[nodiscard]] bool is_held(const Entry& entry, const Change& change) const {
    if (!changes_content(change.kind)) {
      return entry.sequence <= state_sequence_;
    }
    const auto image = checkpoints_.find(change.zone);
    return (image != checkpoints_.end() && entry.sequence <= image->second.sequence) ||
           next_.find(change.zone) == nullptr;
  }

  ReplicatedLog& log_;
  ZoneTable& table_;
  TableDraft next_;
  std::map<ZoneId, Checkpoint> checkpoints_;
  std::uint64_t state_sequence_ = 0;
  std::uint64_t from_ = 0;
};

/// A write that replaced everything was durable after all. Requires: change_mutex_.
Status ReplicatedLog::load_anew() {
  ZoneTable next(id());
  TRYV(Loader(*this, next).run());
  ++generation_;
  show_all(next.snapshot());
  return {};
}

Status ReplicatedLog::load() {
  return Loader(*this, table_).run();
}

void ReplicatedLog::publish() {
  std::vector<ZoneTable::Difference> all;
  for (const ZoneRecordPtr& record : table_.snapshot().zones) {
    all.push_back({nullptr, record});
  }
  tell({table_.secrets(), {}});
  publisher_.publish(id(), all);
}

/// Of those that the store holds: named before, or dropped in entries that were kept. All are of
/// the cluster's log.
Result<std::vector<SecretId>> ReplicatedLog::secrets_beside(
    const std::vector<SecretInfo>& named) const {
  std::vector<SecretId> out;
  TRYV(store_.scan(Family::kSecret, {}, {}, [&](OctetSpan key, OctetSpan /*sealed*/) {
    const SecretId id = SecretId::from(key);
    const auto place = std::ranges::lower_bound(named, id, {}, &SecretInfo::id);
    if (place == named.end() || place->id != id) {
      out.push_back(id);
    }
    return ScanNext::kContinue;
  }));
  return out;
}

Status ReplicatedLog::install(const ZoneTable::Snapshot& snapshot, const EpochTable& epochs,
                              WriteBatch with) {
  const std::lock_guard changing(change_mutex_);
  TRYV(check_trusted());
  for (const SecretId& gone : TRY(secrets_beside(snapshot.secrets))) {
    with.erase(Family::kSecret, gone.octets);
  }
  TRYV(noted(entries_->restart_at(snapshot.position, epochs, std::move(with))));
  ++generation_;
  show_all(snapshot);
  return {};
}

Status ReplicatedLog::trim(std::uint64_t sequence, const std::function<bool()>& is_enough) {
  while (!is_enough()) {
    const std::lock_guard changing(change_mutex_);  // a change waits for a step, not for all of it
    if (entries_->first_sequence() > sequence) {
      return {};
    }
    TRYV(check_trusted());
    const auto dropped = entries_->trim_step(sequence);
    TRYV(noted(dropped ? Status() : std::unexpected(dropped.error())));
    TRYV(erase_secrets(*dropped));
  }
  return {};
}

/// Those that are not named again meanwhile. Requires: change_mutex_.
Status ReplicatedLog::erase_secrets(const std::vector<SecretId>& dropped) {
  WriteBatch batch;
  for (const SecretId& id : dropped) {
    if (!table_.names(id)) {
      batch.erase(Family::kSecret, id.octets);
    }
  }
  return batch.empty() ? Status() : noted(store_.write(batch, Durability::kBuffered));
}

std::uint64_t ReplicatedLog::generation() const {
  const std::lock_guard changing(change_mutex_);
  return generation_;
}

Status ReplicatedLog::write_checkpoints(const WriteBatch& batch, std::uint64_t generation) {
  const std::lock_guard changing(change_mutex_);
  if (generation != generation_) {
    return fail(Errc::kConflict, "everything was replaced by images meanwhile");
  }
  TRYV(check_trusted());
  return noted(store_.write(batch, Durability::kSynced));
}

}  // namespace tandem
