#include "common/node/keeper.h"

#include <algorithm>
#include <malloc.h>
#include <utility>
#include <vector>

#include "common/base/background.h"
#include "common/base/logging.h"
#include "common/log/codec.h"

namespace tandem {
namespace {

constexpr int kSecondsPerImaging = 5;
constexpr int kSecondsPerTrim = 60;
constexpr int kSecondsPerSweep = 3600;
constexpr std::chrono::hours kAgeSlack{24};
// A restart reads an image at several times the speed at which it applies entries.
constexpr std::uint64_t kSmallestTail = 256ULL * 1024;
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
  const auto checkpoint = read_checkpoint(log_.store(), log_.id(), zone).value_or(std::nullopt);
  return checkpoint ? std::optional(age_of(*checkpoint)) : std::nullopt;
}

std::map<ZoneId, std::chrono::seconds> Keeper::image_ages() const {
  std::map<ZoneId, std::chrono::seconds> ages;
  if (const auto checkpoints = read_checkpoints(log_.store(), log_.id()); checkpoints) {
    for (const auto& [zone, checkpoint] : *checkpoints) {
      ages.emplace(zone, age_of(checkpoint));
    }
  }
  return ages;
}

std::chrono::seconds Keeper::age_of(const Checkpoint& checkpoint) const {
  const auto age = log_.clock().wall() - checkpoint.time;
  return std::max(std::chrono::floor<std::chrono::seconds>(age), std::chrono::seconds(0));
}

void Keeper::report(std::string_view what, const Status& status) const {
  if (!status && !log_.is_broken() && !is_stopping()) {
    log_warn("{} failed reason=\"{}\"", what, status.error().detail);
  }
}

bool Keeper::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Keeper::run() {
  give_way();
  std::unique_lock lock(mutex_);
  for (int tick = 1; !wake_.wait_for(lock, options_.second, [this] { return stopping_; }); ++tick) {
    lock.unlock();
    turn(tick);
    lock.lock();
  }
}

void Keeper::turn(int tick) {
  if (options_.every_second) {
    options_.every_second();
  }
  compact();
  is_sweep_due_ = is_sweep_due_ || tick % kSecondsPerSweep == 0;
  if (!log_.is_broken() && tick % kSecondsPerImaging == 0) {
    report("making images", image_due_zones());
  }
  if (!log_.is_broken() && tick % kSecondsPerTrim == 0) {
    report("trimming the log", keep_small());
  }
  if (!log_.is_broken() && tick % kSecondsPerTrim == 0 && is_sweep_due_) {
    report("sweeping images", sweep());
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
  } else if (was_busy_) {
    // What parsing and building took goes back to the system once a second went by without changes.
    static_cast<void>(::malloc_trim(0));
  }
  was_busy_ = !zones.empty();
}

Keeper::Round Keeper::begin_round_of(const ZoneId& zone) const {
  const std::uint64_t generation = log_.generation();
  const std::lock_guard lock(mutex_);
  const auto behind = behind_.find(zone);
  return {generation, {{zone, behind != behind_.end() ? behind->second : 0}}, 0, {}};
}

Keeper::Round Keeper::begin_round() const {
  const std::uint64_t generation = log_.generation();
  const std::lock_guard lock(mutex_);
  return {generation, behind_, octets_since_all_, {}};
}

/// The images hold what was counted when the round began; what came since counts for the next.
void Keeper::count_off(const Round& round) {
  const std::lock_guard lock(mutex_);
  for (const auto& [zone, octets] : round.behind) {
    std::uint64_t& left = behind_[zone];
    left -= octets;
    if (left == 0) {
      behind_.erase(zone);
    }
  }
  octets_since_all_ -= round.octets_since_all;
}

Status Keeper::image_due_zones() {
  const Round now = begin_round();
  if (now.octets_since_all > kLongestReplay) {
    return image_everything();
  }
  for (const auto& [zone, tail] : now.behind) {
    const ZoneRecordPtr record = log_.table().find(zone);
    const bool is_long = tail > kSmallestTail && !zone.is_zero() && record != nullptr &&
                         record->zone != nullptr &&
                         tail * 2 > record->zone->record_count() * kOctetsPerRecord;
    if (is_long) {
      TRYV(image_one(zone));
    }
  }
  return {};
}

Status Keeper::image_one(const ZoneId& zone) {
  Round round = begin_round_of(zone);
  const ZoneRecordPtr record = log_.table().find(zone);
  if (record == nullptr || record->zone == nullptr) {
    return {};
  }
  TRYV(image_zone(*record, round));
  TRYV(log_.write_checkpoints(round.batch, round.generation));
  count_off(round);
  return {};
}

Status Keeper::image_zone(const ZoneRecord& record, Round& round) {
  if (is_stopping()) {
    return fail(Errc::kUnavailable, "stopping");
  }
  const ImageRef image =
      TRY(write_image(log_.store(), {log_.id(), record.id, record.digest.value()}, record.zone));
  put_checkpoint(round.batch, log_.id(), record.id, {record.sequence, image, log_.clock().wall()});
  return {};
}

/// Every zone that changed since its image, then the state: afterwards a restart needs nothing from
/// before.
Status Keeper::image_everything() {
  Round round = begin_round();
  std::map<ZoneId, std::uint64_t> held;
  for (const auto& [zone, checkpoint] : TRY(read_checkpoints(log_.store(), log_.id()))) {
    held[zone] = checkpoint.sequence;
  }
  const ZoneTable::Snapshot snapshot = log_.table().snapshot();
  for (const ZoneRecordPtr& record : snapshot.zones) {
    const auto checkpoint = held.extract(record->id);
    const bool has_image = !checkpoint.empty() && checkpoint.mapped() >= record->sequence;
    if (record->zone != nullptr && !has_image) {
      TRYV(image_zone(*record, round));
    }
  }
  held.erase(ZoneId{});
  for (const auto& [gone, sequence] : held) {
    erase_checkpoint(round.batch, log_.id(), gone);
  }
  const ImageRef state = TRY(write_state_image(log_.store(), log_.id(), snapshot.state()));
  put_checkpoint(round.batch, log_.id(), ZoneId{},
                 {snapshot.position.sequence, state, log_.clock().wall()});
  TRYV(log_.write_checkpoints(round.batch, round.generation));
  count_off(round);
  return {};
}

/// The last entry to forget; 0: none. Trims more than it must when it must.
Result<std::uint64_t> Keeper::point_to_trim() const {
  LogStore& entries = log_.entries();
  const std::uint64_t first = entries.first_sequence();
  if (first > entries.head().sequence) {
    return 0;
  }
  const WallTime keep_since = log_.clock().wall() - options_.keep_for;
  const std::uint64_t slack = options_.keep_octets / 10;
  const bool is_large = entries.total_octets() > options_.keep_octets + slack;
  if (!is_large && TRY(entries.read(first)).time >= keep_since - kAgeSlack) {
    return 0;
  }
  const std::uint64_t limit =
      options_.trim_limit ? options_.trim_limit() : log_.table().position().sequence;
  return entries.trim_point(keep_since, options_.keep_octets - slack, limit);
}

Status Keeper::keep_small() {
  const std::uint64_t point = TRY(point_to_trim());
  if (point == 0) {
    return {};
  }
  TRYV(image_everything());
  TRYV(log_.trim(point, [this] { return is_stopping(); }));
  log_info("log trimmed log={} up_to={}", static_cast<int>(log_.id()),
           log_.entries().first_sequence() - 1);
  is_sweep_due_ = true;
  return {};
}

/// Chunks stay as long as a checkpoint or an entry refers to them; a deleted zone's last image so
/// lives as long as the entry that deleted it. The log is read before images are kept still: those
/// who need them wait for the rest alone.
Status Keeper::sweep() {
  const std::uint64_t generation = log_.generation();
  Wanted wanted;
  std::uint64_t after = TRY(add_referred(log_.entries().first_sequence() - 1, wanted));
  Status swept;
  const bool was_unused = log_.images().sweep_if_unused([&] {
    const auto newer = add_referred(after, wanted);
    if (!newer) {
      swept = std::unexpected(newer.error());
    } else if (generation == log_.generation() && !is_stopping()) {
      swept = sweep_all_but(wanted);
      is_sweep_due_ = !swept;
    }
  });
  return was_unused ? swept : Status();
}

/// Adds what the entries after `after` refer to. Returns the last one's sequence.
Result<std::uint64_t> Keeper::add_referred(std::uint64_t after, Wanted& wanted) const {
  const auto want = [&](const ZoneId& zone, const std::optional<ImageRef>& image) {
    if (image) {
      wanted.emplace(zone, image->content_digest);
    }
  };
  while (!is_stopping()) {
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
  return after;
}

Status Keeper::sweep_all_but(Wanted& wanted) const {
  for (const auto& [zone, checkpoint] : TRY(read_checkpoints(log_.store(), log_.id()))) {
    wanted.emplace(zone, checkpoint.image.content_digest);
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
