#include "common/node/keeper.h"

#include <utility>

#include "common/base/logging.h"
#include "common/log/codec.h"

namespace tandem {
namespace {

constexpr int kSecondsPerImaging = 5;
constexpr int kSecondsPerTrim = 60;
// A restart reads an image at several times the speed at which it applies entries.
constexpr std::uint64_t kSmallestTail = 256 * 1024;
constexpr std::uint64_t kOctetsPerRecord = 40;  // of an image, about
constexpr std::uint64_t kLongestReplay = 16 << 20;
constexpr std::size_t kScanOctets = 4 << 20;

}  // namespace

Keeper::Keeper(ReplicatedLog& log, Options options) : log_(log), options_(std::move(options)) {
  log_.add_listener([this](const CommittedGroup& group) { on_commit(group); });
}

Keeper::~Keeper() {
  stop();
}

void Keeper::start() {
  {
    const std::lock_guard lock(mutex_);
    for (const ZoneRecordPtr& record : log_.table().snapshot().zones) {
      changed_.insert(record->id);  // by the entries behind its image, which the restart replayed
    }
  }
  thread_ = std::thread([this] { run(); });
}

void Keeper::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Keeper::on_commit(const CommittedGroup& group) {
  const std::lock_guard lock(mutex_);
  for (const EncodedEntry& entry : group.entries) {
    octets_since_all_ += entry.octets.size();
    for (const ZoneId& zone : entry.zones) {
      behind_[zone] += entry.octets.size();
      changed_.insert(zone);
    }
  }
}

std::optional<std::chrono::seconds> Keeper::image_age(const ZoneId& zone) const {
  const std::lock_guard lock(mutex_);
  const auto found = imaged_at_.find(zone);
  if (found == imaged_at_.end()) {
    return std::nullopt;
  }
  return std::chrono::floor<std::chrono::seconds>(log_.clock().monotonic() - found->second);
}

void Keeper::report(std::string_view what, const Status& status) {
  if (!status && !log_.is_broken()) {
    log_warn("{} failed reason=\"{}\"", what, status.error().detail);
  }
}

void Keeper::run() {
  bool swept = false;
  std::unique_lock lock(mutex_);
  for (int tick = 1; !wake_.wait_for(lock, options_.second, [this] { return stopping_; }); ++tick) {
    lock.unlock();
    if (options_.every_second) {
      options_.every_second();
    }
    compact();
    if (!log_.is_broken() && tick % kSecondsPerImaging == 0) {
      make_images();
    }
    if (!log_.is_broken() && tick % kSecondsPerTrim == 0) {
      report("trimming the log", trim());
      swept = swept || sweep();
    }
    lock.lock();
  }
}

void Keeper::compact() {
  std::vector<ZoneId> zones;
  {
    const std::lock_guard lock(mutex_);
    zones.assign(changed_.begin(), changed_.end());
    changed_.clear();
  }
  if (!zones.empty()) {
    log_.compact(zones);
  }
}

void Keeper::make_images() {
  const std::uint64_t generation = log_.generation();
  std::vector<std::pair<ZoneId, std::uint64_t>> due;
  bool all = false;
  {
    const std::lock_guard lock(mutex_);
    all = octets_since_all_ > kLongestReplay;
    for (const auto& [zone, octets] : behind_) {
      if (octets > kSmallestTail && !zone.is_zero()) {
        due.emplace_back(zone, octets);
      }
    }
  }
  if (all) {
    report("making images", image_everything());
    return;
  }
  for (const auto& [zone, tail] : due) {
    const ZoneRecordPtr record = log_.table().find(zone);
    if (record == nullptr || record->zone == nullptr) {
      continue;
    }
    if (tail * 2 > record->zone->record_count() * kOctetsPerRecord) {
      WriteBatch batch;
      Status made = image_zone(*record, batch);
      report("making an image", made ? log_.write_checkpoints(batch, generation) : made);
    }
  }
}

Status Keeper::image_zone(const ZoneRecord& record, WriteBatch& batch) {
  {
    const std::lock_guard lock(mutex_);
    behind_[record.id] = 0;  // what is committed from here on counts for the next image
  }
  const ImageRef image =
      TRY(write_image(log_.store(), {log_.id(), record.id, record.digest.value()}, record.zone));
  put_checkpoint(batch, log_.id(), record.id, {record.sequence, image});
  const std::lock_guard lock(mutex_);
  imaged_at_[record.id] = log_.clock().monotonic();
  return {};
}

/// Every zone that changed since its image, then the state: afterwards a restart needs nothing from
/// before.
Status Keeper::image_everything() {
  const std::uint64_t generation = log_.generation();
  {
    const std::lock_guard lock(mutex_);
    octets_since_all_ = 0;
  }
  std::map<ZoneId, std::uint64_t> held;
  for (const auto& [zone, checkpoint] : TRY(read_checkpoints(log_.store(), log_.id()))) {
    held[zone] = checkpoint.sequence;
  }
  const ZoneTable::Snapshot snapshot = log_.table().snapshot();
  WriteBatch batch;
  for (const ZoneRecordPtr& record : snapshot.zones) {
    const auto checkpoint = held.extract(record->id);
    const bool has_image = !checkpoint.empty() && checkpoint.mapped() >= record->sequence;
    if (record->zone != nullptr && !has_image) {
      TRYV(image_zone(*record, batch));
    }
  }
  held.erase(ZoneId{});
  for (const auto& [gone, sequence] : held) {
    erase_checkpoint(batch, log_.id(), gone);
  }
  const ImageRef state = TRY(write_state_image(log_.store(), log_.id(), snapshot.state()));
  put_checkpoint(batch, log_.id(), ZoneId{}, {snapshot.position.sequence, state});
  return log_.write_checkpoints(batch, generation);
}

Status Keeper::trim() {
  const std::uint64_t limit =
      options_.trim_limit ? options_.trim_limit() : log_.table().position().sequence;
  const std::uint64_t point = TRY(log_.entries().trim_point(log_.clock().wall() - options_.keep_for,
                                                            options_.keep_octets, limit));
  if (point == 0) {
    return {};
  }
  TRYV(image_everything());
  TRYV(log_.trim(point));
  log_info("log trimmed log={} up_to={}", static_cast<int>(log_.id()), point);
  sweep();
  return {};
}

bool Keeper::sweep() {
  return log_.images().sweep_if_unused([this] { report("sweeping images", sweep_now()); });
}

/// Chunks stay as long as a checkpoint or an entry refers to them; a deleted zone's last image so
/// lives as long as the entry that deleted it.
Status Keeper::sweep_now() {
  std::set<std::pair<ZoneId, Digest256>> wanted;
  for (const auto& [zone, checkpoint] : TRY(read_checkpoints(log_.store(), log_.id()))) {
    wanted.emplace(zone, checkpoint.image.content_digest);
  }
  const auto want = [&](const ZoneId& zone, const std::optional<ImageRef>& image) {
    if (image) {
      wanted.emplace(zone, image->content_digest);
    }
  };
  std::uint64_t after = log_.entries().first_sequence() - 1;
  while (true) {
    const std::vector<EncodedEntry> entries = TRY(log_.entries().read_after(after, kScanOctets));
    if (entries.empty()) {
      break;
    }
    for (const EncodedEntry& encoded : entries) {
      const Entry entry = TRY(decode_entry(encoded.octets));
      for (const Change& change : entry.changes) {
        if (const auto* const replace = std::get_if<ZoneReplace>(&change.kind)) {
          want(change.zone, replace->before);
          want(change.zone, replace->after);
        } else if (const auto* const gone = std::get_if<ZoneDelete>(&change.kind)) {
          want(change.zone, gone->last);
        }
      }
    }
    after = entries.back().sequence;
  }
  WriteBatch batch;
  TRYV(sweep_images(
      log_.store(), log_.id(),
      [&](const ZoneId& zone, const Digest256& content) {
        return wanted.contains({zone, content});
      },
      batch));
  return batch.empty() ? Status{} : log_.store().write(batch, Durability::kBuffered);
}

}  // namespace tandem
