#include "common/node/replicated_log.h"

#include <map>

#include "common/base/logging.h"
#include "common/log/codec.h"

namespace tandem {
namespace {

constexpr std::size_t kReplayOctets = 4 << 20;

bool changes_content(const ChangeKind& kind) noexcept {
  return std::holds_alternative<RecordChange>(kind) || std::holds_alternative<ZoneReplace>(kind);
}

}  // namespace

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
  if (auto appended = entries_->append(entries, std::move(with)); !appended) {
    const std::lock_guard lock(broken_mutex_);
    broken_reason_ = appended.error().detail;
    log_error("store refuses changes reason=\"{}\"", broken_reason_);
    return appended;
  }
  const Position position = entries_->head();
  publisher_.publish(table_.log(), draft.commit(position));
  for (const Listener& listener : listeners_) {
    listener({table_.log(), position, entries});
  }
  return {};
}

void ReplicatedLog::republish(TableDraft& draft) {
  if (!draft.touched().empty()) {
    publisher_.publish(table_.log(), draft.commit(table_.position()));
  }
}

bool ReplicatedLog::is_broken() const {
  const std::lock_guard lock(broken_mutex_);
  return !broken_reason_.empty();
}

std::string ReplicatedLog::broken_reason() const {
  const std::lock_guard lock(broken_mutex_);
  return broken_reason_;
}

Status ReplicatedLog::recover() {
  const auto attempt = [this]() -> Status {
    TRYV(store_.reopen());
    TRYV(entries_->reload());
    return replay_after(table_.position().sequence);
  };
  Status recovered = attempt();
  const std::lock_guard lock(broken_mutex_);
  if (!recovered) {
    broken_reason_ = recovered.error().detail;
    return recovered;
  }
  log_info("store takes changes again sequence={}", table_.position().sequence);
  broken_reason_.clear();
  return {};
}

Status ReplicatedLog::replay_after(std::uint64_t sequence) {
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
      position = {entry.epoch, entry.sequence, encoded.chain};
    }
    sequence = position.sequence;
    publisher_.publish(table_.log(), next.commit(position));
  }
}

/// State image, zone images, then every entry that they do not hold yet.
Status ReplicatedLog::load() {
  std::map<ZoneId, Checkpoint> checkpoints;
  for (const auto& [zone, checkpoint] : TRY(read_checkpoints(store_, id()))) {
    checkpoints[zone] = checkpoint;
  }
  std::uint64_t state_sequence = 0;
  ZoneTable::Snapshot snapshot;
  std::uint64_t from = 0;
  const auto content_from_checkpoint = [&](ZoneRecord& record) -> Status {
    const auto found = checkpoints.find(record.id);
    if (found != checkpoints.end()) {
      record.zone = TRY(content_of(record, found->second.image));
      record.digest = ContentDigest(found->second.image.content_digest);
      record.sequence = found->second.sequence;
    }
    return {};
  };
  if (const auto state = checkpoints.find(ZoneId{}); state != checkpoints.end()) {
    state_sequence = state->second.sequence;
    from = state_sequence;
    LogState held = TRY(read_state_image(store_, id(), state->second.image));
    for (const ZoneState& zone : held.zones) {
      ZoneRecord record{zone.id, zone.name, zone.options, nullptr, {}, 0};
      TRYV(content_from_checkpoint(record));
      if (zone.has_content) {
        from = std::min(from, record.sequence);
      }
      snapshot.zones.push_back(std::make_shared<const ZoneRecord>(std::move(record)));
    }
    snapshot.secrets = std::move(held.secrets);
  }
  table_.replace_all(snapshot);

  TableDraft next = draft();
  Position position = entries_->head();
  const std::uint64_t end = position.sequence;
  from = std::max(from, entries_->first_sequence() - 1);
  while (from < end) {
    const std::vector<EncodedEntry> entries = TRY(entries_->read_after(from, kReplayOctets));
    for (const EncodedEntry& encoded : entries) {
      const Entry entry = TRY(decode_entry(encoded.octets));
      for (const Change& change : entry.changes) {
        const auto held = checkpoints.find(change.zone);
        const bool content = changes_content(change.kind);
        const std::uint64_t known = !content ? state_sequence
                                    : held != checkpoints.end() ? held->second.sequence
                                                                : 0;
        const bool is_gone = content && next.find(change.zone) == nullptr;
        if (entry.sequence <= known || is_gone) {
          continue;
        }
        TRYV(next.apply(change));
        if (std::holds_alternative<ZoneCreate>(change.kind) && held != checkpoints.end()) {
          ZoneRecord record = *next.find(change.zone);
          TRYV(content_from_checkpoint(record));
          TRYV(next.set_content(record.id, record.zone, record.digest));
        }
      }
      from = entry.sequence;
    }
  }
  next.commit(position);
  const ZoneTable::Snapshot loaded = table_.snapshot();
  std::vector<ZoneTable::Difference> all;
  for (const ZoneRecordPtr& record : loaded.zones) {
    all.push_back({nullptr, record});
  }
  publisher_.publish(id(), all);
  return {};
}

void ReplicatedLog::install(const ZoneTable::Snapshot& snapshot) {
  publisher_.publish(id(), table_.replace_all(snapshot));
}

}  // namespace tandem
