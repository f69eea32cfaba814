#include "common/store/log_store_rows.h"

#include <algorithm>
#include <limits>

#include "common/base/check.h"
#include "common/log/codec.h"
#include "common/log/request_key.h"

namespace tandem {
namespace {

constexpr std::size_t kSequenceOctets = 8;
constexpr std::size_t kLogKeyOctets = 1 + kSequenceOctets;
constexpr std::size_t kChainOctets = 32;
constexpr std::size_t kEpochOctets = 8 + 16;
constexpr std::size_t kPositionOctets = kEpochOctets + kSequenceOctets + kChainOctets;
constexpr std::size_t kPositionRowOctets = kPositionOctets + 8;
constexpr std::size_t kBaseOctets = kSequenceOctets + kChainOctets;
constexpr std::size_t kEpochRowOctets = kEpochOctets + kSequenceOctets;

std::uint8_t octet_of(LogId log) noexcept {
  return static_cast<std::uint8_t>(log);
}

Octets key_after(LogId log) {
  return {static_cast<std::uint8_t>(octet_of(log) + 1)};
}

Octets meta_key(LogId log, std::string_view name) {
  Octets key = to_octets(as_octets("log/"));
  key.push_back(octet_of(log));
  append(key, as_octets(name));
  return key;
}

void append_epoch(Octets& to, const Epoch& epoch) {
  append_be(to, epoch.number);
  append(to, epoch.leader.octets);
}

Epoch epoch_at(const std::uint8_t* from) noexcept {
  return {load_be64(from), NodeId::from({from + 8, 16})};
}

Digest256 digest_at(const std::uint8_t* from) noexcept {
  Digest256 digest;
  std::memcpy(digest.data(), from, digest.size());
  return digest;
}

/// The row's octets, nothing when it is not there. Fails: kCorrupt for another size than a multiple
/// of `unit`.
Result<std::optional<Octets>> read_row(const Store& store, LogId log, std::string_view name,
                                       std::size_t unit) {
  auto value = TRY(store.get(Family::kMeta, meta_key(log, name)));
  if (value && (value->empty() || value->size() % unit != 0)) {
    return fail(Errc::kCorrupt, "the row log{} of log {} has {} octets", name, octet_of(log),
                value->size());
  }
  return value;
}

}  // namespace

Octets log_key(LogId log, std::uint64_t sequence) {
  Octets key{octet_of(log)};
  append_be(key, sequence);
  return key;
}

Octets log_end(LogId log) {
  return key_after(log);
}

Octets zone_log_key(LogId log, const ZoneId& zone, std::uint64_t sequence) {
  Octets key{octet_of(log)};
  append(key, zone.octets);
  append_be(key, sequence);
  return key;
}

Octets zone_log_begin(LogId log) {
  return {octet_of(log)};
}

Octets zone_log_end(LogId log) {
  return key_after(log);
}

std::uint64_t sequence_in(OctetSpan key) noexcept {
  return load_be64(key.last(kSequenceOctets).data());
}

ZoneId zone_in(OctetSpan key) noexcept {
  ZoneId zone;
  std::ranges::copy(key.subspan(1, zone.octets.size()), zone.octets.begin());
  return zone;
}

/// A jump for each zone: its rows are never read.
Result<std::vector<ZoneId>> LogStore::zones() const {
  std::vector<ZoneId> found;
  Octets from = zone_log_begin(id_);
  for (bool is_last = false; !is_last;) {
    is_last = true;
    TRYV(store_.scan(Family::kZoneLog, from, zone_log_end(id_),
                     [&](OctetSpan key, OctetSpan /*value*/) {
                       found.push_back(zone_in(key));
                       is_last = false;
                       return ScanNext::kStop;
                     }));
    if (!is_last) {
      from = zone_log_key(id_, found.back(), std::numeric_limits<std::uint64_t>::max());
    }
  }
  return found;
}

Octets entry_value(const EncodedEntry& entry) {
  Octets value;
  value.reserve(kChainOctets + entry.octets.size());
  append(value, entry.chain);
  append(value, entry.octets);
  return value;
}

Octets request_row_key(LogId log, const RequestKey& request) {
  Octets key = request_rows_begin(log);
  append(key, request.octets);
  return key;
}

Octets request_rows_begin(LogId log) {
  return meta_key(log, "/request/");
}

Octets request_rows_end(LogId log) {
  return meta_key(log, "/request0");  // what comes after '/'
}

EncodedEntry described(const Entry& entry) {
  EncodedEntry out;
  if (!entry.request_id.empty()) {
    out.request = request_key(entry.actor, entry.request_id);
  }
  out.sequence = entry.sequence;
  out.group_end = entry.group_end;
  out.time = entry.time;
  for (const Change& change : entry.changes) {
    if (std::holds_alternative<EpochStart>(change.kind)) {
      out.starts_epoch = entry.epoch;
    } else if (const auto* replace = std::get_if<ZoneReplace>(&change.kind)) {
      out.refers_to_images = true;
      if (replace->after) {
        out.images.emplace_back(change.zone, *replace->after);
      }
    } else if (std::holds_alternative<ZoneDelete>(change.kind)) {
      out.refers_to_images = true;
    } else if (const auto* named = std::get_if<SecretNamed>(&change.kind)) {
      out.secrets.push_back(named->secret.id);
    } else if (const auto* dropped = std::get_if<SecretDropped>(&change.kind)) {
      out.dropped_secrets.push_back(dropped->secret.id);
    }
    if (!change.zone.is_zero()) {
      out.zones.push_back(change.zone);
    }
  }
  std::ranges::sort(out.zones);
  const auto same = std::ranges::unique(out.zones);
  out.zones.erase(same.begin(), same.end());
  return out;
}

Result<EncodedEntry> entry_from_row(OctetSpan key, OctetSpan value) {
  if (key.size() != kLogKeyOctets || value.size() < kChainOctets) {
    return fail(Errc::kCorrupt, "a row of the log has a key of {} and a value of {} octets",
                key.size(), value.size());
  }
  const std::uint64_t sequence = sequence_in(key);
  auto entry = decode_entry(value.subspan(kChainOctets));
  if (!entry) {
    return in_context(fmt::format("entry {} of the log", sequence), std::move(entry).error());
  }
  if (entry->sequence != sequence) {
    return fail(Errc::kCorrupt, "the row of entry {} of the log holds entry {}", sequence,
                entry->sequence);
  }
  EncodedEntry out = described(*entry);
  out.chain = digest_at(value.data());
  out.octets = to_octets(value.subspan(kChainOctets));
  return out;
}

namespace {

/// A visitor of rows that hands entries to `visit` and keeps the first failure in `bad`.
Store::Visit row_visitor(const EntryVisit& visit, Status& bad) {
  return [&visit, &bad](OctetSpan key, OctetSpan value) {
    auto entry = entry_from_row(key, value);
    auto next = entry ? visit(*std::move(entry))
                      : Result<ScanNext>(std::unexpected(std::move(entry).error()));
    if (!next) {
      bad = std::unexpected(std::move(next).error());
      return ScanNext::kStop;
    }
    return *next;
  };
}

}  // namespace

Status each_entry(const Store& store, OctetSpan first, OctetSpan end, const EntryVisit& visit) {
  Status bad;
  TRYV(store.scan(Family::kLog, first, end, row_visitor(visit, bad)));
  return bad;
}

Status each_entry_back(const Store& store, OctetSpan first, OctetSpan end,
                       const EntryVisit& visit) {
  Status bad;
  TRYV(store.scan_back(Family::kLog, first, end, row_visitor(visit, bad)));
  return bad;
}

void put_position(WriteBatch& batch, LogId log, const Position& position, std::uint64_t octets) {
  Octets value;
  append_epoch(value, position.epoch);
  append_be(value, position.sequence);
  append(value, position.chain);
  append_be(value, octets);
  batch.put(Family::kMeta, meta_key(log, "/position"), value);
}

void put_epochs(WriteBatch& batch, LogId log, const EpochTable& epochs) {
  Octets value;
  for (const EpochStartPoint& start : epochs) {
    append_epoch(value, start.epoch);
    append_be(value, start.sequence);
  }
  if (value.empty()) {
    batch.erase(Family::kMeta, meta_key(log, "/epochs"));
  } else {
    batch.put(Family::kMeta, meta_key(log, "/epochs"), value);
  }
}

void put_base(WriteBatch& batch, LogId log, const LogBase& base) {
  Octets value;
  append_be(value, base.sequence);
  append(value, base.chain);
  batch.put(Family::kMeta, meta_key(log, "/first"), value);
}

Result<LogRows> read_log_rows(const Store& store, LogId log) {
  const auto position = TRY(read_row(store, log, "/position", kPositionRowOctets));
  const auto base = TRY(read_row(store, log, "/first", kBaseOctets));
  const auto epochs = TRY(read_row(store, log, "/epochs", kEpochRowOctets));
  LogRows rows;
  if (position) {
    const std::uint8_t* const at = position->data();
    rows.position = {epoch_at(at), load_be64(at + kEpochOctets),
                     digest_at(at + kEpochOctets + kSequenceOctets)};
    rows.octets = load_be64(at + kPositionOctets);
  }
  if (base) {
    rows.base = {load_be64(base->data()), digest_at(base->data() + kSequenceOctets)};
  }
  for (std::size_t at = 0; epochs && at < epochs->size(); at += kEpochRowOctets) {
    rows.epochs.push_back(
        {epoch_at(epochs->data() + at), load_be64(epochs->data() + at + kEpochOctets)});
  }
  return rows;
}

}  // namespace tandem
