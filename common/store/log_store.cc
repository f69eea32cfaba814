#include "common/store/log_store.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/log/codec.h"
#include "common/store/log_store_rows.h"

namespace tandem {
namespace {

constexpr std::size_t kRecentOctets = std::size_t{1} << 20U;
constexpr std::size_t kRecentEntryOctets =
    256;  // beside its octets, so that small entries count too
constexpr std::size_t kTrimEntries = 1000;
constexpr std::size_t kTrimOctets = std::size_t{4} << 20U;
constexpr std::size_t kCheckedTail = 16;

std::size_t weight(const EncodedEntry& entry) noexcept {
  return kRecentEntryOctets + entry.octets.size();
}

/// Puts whole groups together until there are enough octets.
class GroupCollector {
 public:
  explicit GroupCollector(std::size_t max_octets) : max_octets_(max_octets) {}

  ScanNext take(EncodedEntry entry) {
    open_octets_ += entry.octets.size();
    const bool group_end = entry.group_end;
    open_.push_back(std::move(entry));
    if (!group_end) {
      return ScanNext::kContinue;
    }
    if (!whole_.empty() && octets_ + open_octets_ > max_octets_) {
      return ScanNext::kStop;
    }
    octets_ += std::exchange(open_octets_, 0);
    std::ranges::move(open_, std::back_inserter(whole_));
    open_.clear();
    return octets_ >= max_octets_ ? ScanNext::kStop : ScanNext::kContinue;
  }

  [[nodiscard]] std::vector<EncodedEntry> groups() && { return std::move(whole_); }

 private:
  std::size_t max_octets_;
  std::vector<EncodedEntry> whole_;
  std::vector<EncodedEntry> open_;  // of a group whose end was not seen yet
  std::size_t octets_ = 0;
  std::size_t open_octets_ = 0;
};

std::unexpected<Error> trimmed(std::uint64_t sequence, std::uint64_t first) {
  return fail(Errc::kNotFound, "entry {} of the log is not kept any more; the oldest is {}",
              sequence, first);
}

}  // namespace

Result<std::unique_ptr<LogStore>> LogStore::open(Store& store, LogId id) {
  auto log = std::make_unique<LogStore>(Private{}, store, id);
  TRYV(log->reload());
  return log;
}

LogStore::Ends LogStore::ends() const {
  const std::lock_guard lock(mutex_);
  return ends_;
}

Position LogStore::head() const {
  const std::lock_guard lock(mutex_);
  return ends_.head;
}

std::uint64_t LogStore::total_octets() const {
  const std::lock_guard lock(mutex_);
  return ends_.octets;
}

std::uint64_t LogStore::first_sequence() const {
  const std::lock_guard lock(mutex_);
  return ends_.base_sequence + 1;
}

EpochTable LogStore::epochs() const {
  const std::lock_guard lock(mutex_);
  return ends_.epochs;
}

Status LogStore::reload() {
  LogRows rows = TRY(read_log_rows(store_, id_));
  Ends ends{rows.position, rows.base.sequence, rows.base.chain, std::move(rows.epochs),
            rows.octets};
  const auto unordered = [](const EpochStartPoint& a, const EpochStartPoint& b) {
    return a.epoch.number >= b.epoch.number || a.sequence > b.sequence;
  };
  const bool epochs_fit =
      ends.epochs.empty() ||
      (std::ranges::adjacent_find(ends.epochs, unordered) == ends.epochs.end() &&
       ends.epochs.back().epoch == ends.head.epoch &&
       ends.epochs.back().sequence <= ends.head.sequence);
  if (ends.base_sequence > ends.head.sequence || !epochs_fit) {
    return fail(Errc::kCorrupt, "the log's position {}, base {} and epochs contradict each other",
                ends.head.sequence, ends.base_sequence);
  }
  TRYV(check_tail(ends));
  const std::lock_guard lock(mutex_);
  ends_ = std::move(ends);
  recent_.clear();
  recent_octets_ = 0;
  return {};
}

Status LogStore::check_tail(const Ends& ends) const {
  std::vector<EncodedEntry> tail;  // newest first
  TRYV(each_entry_back(store_, log_key(id_, 0), log_end(id_), [&](EncodedEntry entry) {
    tail.push_back(std::move(entry));
    return tail.size() < kCheckedTail ? ScanNext::kContinue : ScanNext::kStop;
  }));
  std::uint64_t sequence = ends.head.sequence;
  Digest256 chain = ends.head.chain;
  for (std::size_t i = 0; i < tail.size(); ++i) {
    const EncodedEntry& entry = tail[i];
    const bool is_base_next = entry.sequence == ends.base_sequence + 1;
    const bool fits = entry.sequence == sequence && entry.sequence > ends.base_sequence &&
                      entry.chain == chain && (i > 0 || entry.group_end);
    const Digest256* const before = is_base_next          ? &ends.base_chain
                                    : i + 1 < tail.size() ? &tail[i + 1].chain
                                                          : nullptr;
    if (!fits || (before != nullptr && extend_chain(*before, entry.octets) != entry.chain)) {
      return fail(Errc::kCorrupt, "entry {} of the log does not fit its end at {}", entry.sequence,
                  ends.head.sequence);
    }
    sequence = entry.sequence - 1;
    chain = before == nullptr ? chain : *before;
  }
  if (tail.empty() && ends.head.chain != ends.base_chain) {
    return fail(Errc::kCorrupt, "the log is empty but its position {} is not its base",
                ends.head.sequence);
  }
  if (tail.size() < kCheckedTail && sequence != ends.base_sequence) {
    return fail(Errc::kCorrupt, "the log ends at {} but entry {} is missing", ends.head.sequence,
                sequence);
  }
  return {};
}

void LogStore::settle(Ends ends) {
  const std::lock_guard lock(mutex_);
  ends_ = std::move(ends);
  while (!recent_.empty() && recent_.back().sequence > ends_.head.sequence) {
    recent_octets_ -= weight(recent_.back());
    recent_.pop_back();
  }
  while (!recent_.empty() && recent_.front().sequence <= ends_.base_sequence) {
    recent_octets_ -= weight(recent_.front());
    recent_.pop_front();
  }
}

void LogStore::remember(std::span<const EncodedEntry> entries) {
  const std::lock_guard lock(mutex_);
  for (const EncodedEntry& entry : entries) {
    recent_.push_back(entry);
    recent_octets_ += weight(entry);
  }
  while (recent_octets_ > kRecentOctets) {
    recent_octets_ -= weight(recent_.front());
    recent_.pop_front();
  }
}

Status LogStore::append(std::span<const EncodedEntry> entries, WriteBatch with) {
  CHECK(!entries.empty() && entries.back().group_end);
  Ends next = ends();
  const std::size_t known_epochs = next.epochs.size();
  for (const EncodedEntry& entry : entries) {
    if (entry.sequence != next.head.sequence + 1) {
      return fail(Errc::kConflict, "entry {} comes to a log that ends at {}", entry.sequence,
                  next.head.sequence);
    }
    DCHECK(entry.chain == extend_chain(next.head.chain, entry.octets));
    with.put(Family::kLog, log_key(id_, entry.sequence), entry_value(entry));
    for (const ZoneId& zone : entry.zones) {
      with.put(Family::kZoneLog, zone_log_key(id_, zone, entry.sequence), OctetSpan());
    }
    if (entry.request) {
      Octets sequence;
      append_be(sequence, entry.sequence);
      with.put(Family::kMeta, request_row_key(id_, *entry.request), sequence);
    }
    if (entry.starts_epoch) {
      next.epochs.push_back({*entry.starts_epoch, entry.sequence});
    }
    if (entry.refers_to_images) {
      with.require_buffered();
    }
    next.head = position_after(next.head, entry);
    next.octets += entry.octets.size();
  }
  put_position(with, id_, next.head, next.octets);
  if (next.epochs.size() != known_epochs) {
    put_epochs(with, id_, next.epochs);
  }
  TRYV(store_.write(with, Durability::kSynced));
  settle(std::move(next));
  remember(entries);
  return {};
}

Result<std::vector<EncodedEntry>> LogStore::read_after(std::uint64_t sequence,
                                                       std::size_t max_octets) const {
  GroupCollector collector(max_octets);
  {
    const std::lock_guard lock(mutex_);
    if (sequence < ends_.base_sequence) {
      return trimmed(sequence + 1, ends_.base_sequence + 1);
    }
    if (sequence > ends_.head.sequence) {
      return fail(Errc::kNotFound, "the log ends at {}, there is no entry {}", ends_.head.sequence,
                  sequence + 1);
    }
    if (!recent_.empty() && recent_.front().sequence <= sequence + 1) {
      const auto from =
          recent_.begin() + static_cast<std::ptrdiff_t>(sequence + 1 - recent_.front().sequence);
      for (auto at = from; at != recent_.end(); ++at) {
        if (collector.take(*at) == ScanNext::kStop) {
          break;
        }
      }
      return std::move(collector).groups();
    }
  }
  std::uint64_t last = sequence;
  TRYV(each_entry(store_, log_key(id_, sequence + 1), log_end(id_),
                  [&](EncodedEntry entry) -> Result<ScanNext> {
                    if (entry.sequence != ++last) {  // trimmed just now
                      return trimmed(last, entry.sequence);
                    }
                    return collector.take(std::move(entry));
                  }));
  return std::move(collector).groups();
}

Result<std::optional<Digest256>> LogStore::chain_at(std::uint64_t sequence) const {
  const Ends ends = this->ends();
  if (sequence == 0) {
    return Digest256{};
  }
  if (sequence == ends.base_sequence) {
    return ends.base_chain;
  }
  if (sequence == ends.head.sequence) {
    return ends.head.chain;
  }
  if (sequence < ends.base_sequence || sequence > ends.head.sequence) {
    return std::nullopt;
  }
  return TRY(read(sequence)).chain;
}

Result<EncodedEntry> LogStore::read(std::uint64_t sequence) const {
  {
    const std::lock_guard lock(mutex_);
    if (!recent_.empty() && recent_.front().sequence <= sequence &&
        sequence <= recent_.back().sequence) {
      return recent_[sequence - recent_.front().sequence];
    }
  }
  const Octets key = log_key(id_, sequence);
  const auto value = TRY(store_.get(Family::kLog, key));
  if (!value) {
    return fail(Errc::kNotFound, "there is no entry {} in the log", sequence);
  }
  return entry_from_row(key, *value);
}

Result<std::optional<EncodedEntry>> LogStore::find_request(const RequestKey& request) const {
  const auto row = TRY(store_.get(Family::kMeta, request_row_key(id_, request)));
  if (!row || row->size() != sizeof(std::uint64_t)) {
    return std::nullopt;
  }
  const std::uint64_t sequence = load_be64(row->data());
  if (sequence < first_sequence() || sequence > head().sequence) {
    return std::nullopt;
  }
  EncodedEntry entry = TRY(read(sequence));
  return entry.request == request ? std::optional(std::move(entry)) : std::nullopt;
}

Result<std::vector<std::uint64_t>> LogStore::zone_entries(const ZoneId& zone, std::uint64_t before,
                                                          std::size_t limit) const {
  std::vector<std::uint64_t> found;
  if (limit == 0) {
    return found;
  }
  TRYV(store_.scan_back(Family::kZoneLog, zone_log_key(id_, zone, 0),
                        zone_log_key(id_, zone, before), [&](OctetSpan key, OctetSpan /*value*/) {
                          found.push_back(sequence_in(key));
                          return found.size() < limit ? ScanNext::kContinue : ScanNext::kStop;
                        }));
  return found;
}

Result<std::uint64_t> LogStore::trim_point(WallTime keep_since, std::uint64_t keep_octets,
                                           std::uint64_t at_most) const {
  const Ends ends = this->ends();
  if (ends.base_sequence == ends.head.sequence) {
    return 0;
  }
  const std::uint64_t last = std::min(at_most, ends.head.sequence - 1);
  std::uint64_t kept = ends.octets;
  std::uint64_t point = 0;
  TRYV(each_entry(store_, log_key(id_, ends.base_sequence + 1), log_key(id_, last + 1),
                  [&](const EncodedEntry& entry) {
                    if (entry.time >= keep_since && kept <= keep_octets) {
                      return ScanNext::kStop;
                    }
                    kept -= std::min<std::uint64_t>(kept, entry.octets.size());
                    point = entry.group_end ? entry.sequence : point;
                    return ScanNext::kContinue;
                  }));
  return point;
}

Status LogStore::trim(std::uint64_t sequence) {
  while (first_sequence() <= sequence) {
    static_cast<void>(TRY(trim_step(sequence)));
  }
  return {};
}

Result<std::vector<SecretId>> LogStore::trim_step(std::uint64_t sequence) {
  Ends next = ends();
  if (sequence >= next.head.sequence || !TRY(read(sequence)).group_end) {
    return fail(Errc::kInvalid,
                "the log cannot be trimmed at {}: no end of a group before its head {}", sequence,
                next.head.sequence);
  }
  GroupCollector collector(kTrimOctets);
  std::size_t count = 0;
  TRYV(each_entry(store_, log_key(id_, next.base_sequence + 1), log_key(id_, sequence + 1),
                  [&](EncodedEntry entry) {
                    const bool enough = ++count >= kTrimEntries && entry.group_end;
                    const ScanNext more = collector.take(std::move(entry));
                    return enough ? ScanNext::kStop : more;
                  }));
  const std::vector<EncodedEntry> groups = std::move(collector).groups();
  if (groups.empty()) {
    return fail(Errc::kCorrupt, "entry {} of the log is missing", next.base_sequence + 1);
  }
  WriteBatch batch;
  std::vector<SecretId> dropped;
  for (const EncodedEntry& entry : groups) {
    for (const ZoneId& zone : entry.zones) {
      batch.erase(Family::kZoneLog, zone_log_key(id_, zone, entry.sequence));
    }
    TRYV(forget_request(entry, batch));
    dropped.insert(dropped.end(), entry.dropped_secrets.begin(), entry.dropped_secrets.end());
    next.octets -= std::min<std::uint64_t>(next.octets, entry.octets.size());
  }
  next.base_sequence = groups.back().sequence;
  next.base_chain = groups.back().chain;
  batch.erase_range(Family::kLog, log_key(id_, 0), log_key(id_, next.base_sequence + 1));
  put_position(batch, id_, next.head, next.octets);
  put_base(batch, id_, {next.base_sequence, next.base_chain});
  TRYV(store_.write(batch, Durability::kBuffered));
  settle(std::move(next));
  return dropped;
}

/// A later request may have had the same id.
Status LogStore::forget_request(const EncodedEntry& entry, WriteBatch& batch) const {
  if (entry.request) {
    const auto newest = TRY(find_request(*entry.request));
    if (newest && newest->sequence == entry.sequence) {
      batch.erase(Family::kMeta, request_row_key(id_, *entry.request));
    }
  }
  return {};
}

Status LogStore::truncate_after(const Position& position, WriteBatch with) {
  Ends next = ends();
  const auto after = [&](const EpochStartPoint& start) {
    return start.sequence > position.sequence;
  };
  std::erase_if(next.epochs, after);
  const bool epoch_fits = next.epochs.empty() || next.epochs.back().epoch == position.epoch;
  if (TRY(chain_at(position.sequence)) != position.chain || !epoch_fits) {
    return fail(Errc::kConflict, "the log never stood at entry {} with that chain or epoch",
                position.sequence);
  }
  if (position.sequence != next.base_sequence && !TRY(read(position.sequence)).group_end) {
    return fail(Errc::kInvalid, "entry {} is inside of a group", position.sequence);
  }
  TRYV(each_entry(store_, log_key(id_, position.sequence + 1), log_end(id_),
                  [&](const EncodedEntry& entry) {
                    for (const ZoneId& zone : entry.zones) {
                      with.erase(Family::kZoneLog, zone_log_key(id_, zone, entry.sequence));
                    }
                    if (entry.request) {
                      with.erase(Family::kMeta, request_row_key(id_, *entry.request));
                    }
                    next.octets -= std::min<std::uint64_t>(next.octets, entry.octets.size());
                    return ScanNext::kContinue;
                  }));
  next.head = position;
  with.erase_range(Family::kLog, log_key(id_, position.sequence + 1), log_end(id_));
  put_position(with, id_, next.head, next.octets);
  put_epochs(with, id_, next.epochs);
  TRYV(store_.write(with, Durability::kSynced));
  settle(std::move(next));
  return {};
}

Status LogStore::restart_at(const Position& position, const EpochTable& epochs, WriteBatch with) {
  with.erase_range(Family::kLog, log_key(id_, 0), log_end(id_));
  with.erase_range(Family::kZoneLog, zone_log_begin(id_), zone_log_end(id_));
  with.erase_range(Family::kMeta, request_rows_begin(id_), request_rows_end(id_));
  put_position(with, id_, position, 0);
  put_epochs(with, id_, epochs);
  put_base(with, id_, {position.sequence, position.chain});
  TRYV(store_.write(with, Durability::kSynced));
  settle({position, position.sequence, position.chain, epochs, 0});
  const std::lock_guard lock(mutex_);
  recent_.clear();
  recent_octets_ = 0;
  return {};
}

}  // namespace tandem
