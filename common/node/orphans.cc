#include "common/node/orphans.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include "common/base/logging.h"
#include "common/log/codec.h"

namespace tandem {
namespace {

constexpr std::size_t kReadOctets = 1 << 20;
constexpr std::string_view kEntries = "orphan/";
constexpr std::string_view kSets = "orphan-sets/";
constexpr std::string_view kEnds = "orphan-end/";
constexpr std::size_t kEndOctets = 9;

Octets key_prefix(std::string_view family, LogId log) {
  Octets key = to_octets(as_octets(family));
  key.push_back(static_cast<std::uint8_t>(log));
  return key;
}

Octets key_of(std::string_view family, LogId log, const Entry& entry) {
  Octets key = key_prefix(family, log);
  append_be(key, entry.epoch.number);
  append(key, entry.epoch.leader.octets);
  append_be(key, entry.sequence);
  return key;
}

/// Rows of one kind in the order of their keys; `visit` gets what stands behind the prefix.
Status scan_rows(const Store& store, std::string_view family, LogId log,
                 const std::function<void(OctetSpan key, OctetSpan value)>& visit) {
  const Octets first = key_prefix(family, log);
  Octets end = first;
  ++end.back();
  return store.scan(Family::kMeta, first, end, [&](OctetSpan key, OctetSpan value) {
    visit(key.subspan(first.size()), value);
    return ScanNext::kContinue;
  });
}

/// Calls `take` with each entry of the log after `sequence`, and the batch for what it writes.
Result<std::size_t> walk(
    ReplicatedLog& log, std::uint64_t sequence,
    const std::function<Status(const EncodedEntry&, const Entry&, WriteBatch&)>& take) {
  std::size_t count = 0;
  std::uint64_t after = std::max(sequence, log.entries().first_sequence() - 1);
  while (true) {
    const std::vector<EncodedEntry> entries = TRY(log.entries().read_after(after, kReadOctets));
    if (entries.empty()) {
      return count;
    }
    WriteBatch batch;
    for (const EncodedEntry& encoded : entries) {
      const Entry entry = TRY(decode_entry(encoded.octets));
      TRYV(take(encoded, entry, batch));
    }
    if (!batch.empty()) {
      TRYV(log.store().write(batch, Durability::kSynced));
    }
    after = entries.back().sequence;
    count += entries.size();
  }
}

struct End {
  OrphanState state = OrphanState::kOpen;
  WallTime time{};
};

/// A state that this version does not know is not open: somebody decided.
End end_from(OctetSpan value) {
  End end;
  if (value.size() == kEndOctets) {
    end.state = value[0] == 1 ? OrphanState::kApplied : OrphanState::kDiscarded;
    end.time =
        wall_time_from(static_cast<std::int64_t>(load_be64(value.data() + 1))).value_or(WallTime{});
  }
  return end;
}

}  // namespace

std::string_view to_text(OrphanState state) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"open", "applied", "discarded"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string Orphan::id() const {
  return fmt::format("{}.{}", entry.epoch.number, entry.sequence);
}

Status keep_orphans(ReplicatedLog& log, std::uint64_t sequence) {
  OrphanSets sets;
  TRYV(walk(log, sequence, [&](const EncodedEntry&, const Entry& entry, WriteBatch&) -> Status {
    sets.note(entry);
    return {};
  }));
  sets.go_back(log.table());
  const auto keep = [&](const EncodedEntry& encoded, const Entry& entry,
                        WriteBatch& batch) -> Status {
    batch.put(Family::kMeta, key_of(kEntries, log.id(), entry), encoded.octets);
    const std::vector<ZoneSets> before = sets.pass(entry);
    if (!before.empty()) {
      batch.put(Family::kMeta, key_of(kSets, log.id(), entry), encode_sets(entry, before));
    }
    return {};
  };
  const std::size_t count = TRY(walk(log, sequence, keep));
  if (count > 0) {
    log_error("changes became orphans count={} after={} advice=\"tandemctl orphans diff\"", count,
              sequence);
  }
  return {};
}

Result<std::vector<Orphan>> read_orphans(const Store& store, LogId log) {
  std::map<Octets, Octets> sets;
  std::map<Octets, End> ends;
  TRYV(scan_rows(store, kSets, log, [&](OctetSpan key, OctetSpan value) {
    sets.emplace(to_octets(key), to_octets(value));
  }));
  TRYV(scan_rows(store, kEnds, log, [&](OctetSpan key, OctetSpan value) {
    ends.emplace(to_octets(key), end_from(value));
  }));
  std::vector<Orphan> orphans;
  TRYV(scan_rows(store, kEntries, log, [&](OctetSpan span, OctetSpan value) {
    auto entry = decode_entry(value);
    if (!entry) {
      return;
    }
    const Octets key = to_octets(span);
    Orphan orphan;
    orphan.entry = *std::move(entry);
    if (const auto found = sets.find(key); found != sets.end()) {
      orphan.before = decode_sets(found->second).value_or(std::vector<ZoneSets>());
    }
    if (const auto found = ends.find(key); found != ends.end()) {
      orphan.state = found->second.state;
      orphan.ended = found->second.time;
    }
    orphans.push_back(std::move(orphan));
  }));
  return orphans;
}

Result<std::size_t> count_open_orphans(const Store& store, LogId log) {
  std::size_t all = 0;
  std::size_t ended = 0;
  TRYV(scan_rows(store, kEntries, log, [&](OctetSpan, OctetSpan) { ++all; }));
  TRYV(scan_rows(store, kEnds, log, [&](OctetSpan, OctetSpan) { ++ended; }));
  return all - std::min(all, ended);
}

Status end_orphan(Store& store, LogId log, const Entry& entry, OrphanState state, WallTime now) {
  Octets value{static_cast<std::uint8_t>(state)};
  append_be(value, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  WriteBatch batch;
  batch.put(Family::kMeta, key_of(kEnds, log, entry), value);
  return store.write(batch, Durability::kSynced);
}

}  // namespace tandem
