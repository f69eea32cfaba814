// Keys and values of a log's rows in the store (grammar: log_store.h, docs/formats/store.md).
// Internal to log_store*.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "common/base/result.h"
#include "common/log/position.h"
#include "common/store/log_store.h"
#include "common/store/store.h"

namespace tandem {

[[nodiscard]] Octets log_key(LogId log, std::uint64_t sequence);
/// The first key after all entries of a log.
[[nodiscard]] Octets log_end(LogId log);
[[nodiscard]] Octets zone_log_key(LogId log, const ZoneId& zone, std::uint64_t sequence);
[[nodiscard]] Octets zone_log_begin(LogId log);
[[nodiscard]] Octets zone_log_end(LogId log);

/// The entry in the row (`key`, `value`). Fails: kCorrupt, kRefused as decode_entry().
Result<EncodedEntry> entry_from_row(OctetSpan key, OctetSpan value);

/// Calls `visit` for the entries with keys from `first` up to but without `end`. Fails as
/// entry_from_row() and Store::scan, and with what `visit` returns.
using EntryVisit = std::function<Result<ScanNext>(EncodedEntry)>;
Status each_entry(const Store& store, OctetSpan first, OctetSpan end, const EntryVisit& visit);
/// The same, newest first.
Status each_entry_back(const Store& store, OctetSpan first, OctetSpan end, const EntryVisit& visit);

/// In `meta`.
[[nodiscard]] Octets request_row_key(LogId log, const RequestKey& request);
[[nodiscard]] Octets request_rows_begin(LogId log);
[[nodiscard]] Octets request_rows_end(LogId log);

[[nodiscard]] Octets entry_value(const EncodedEntry& entry);
/// The sequence in a key of `log` or `zone_log`. Requires: such a key.
[[nodiscard]] std::uint64_t sequence_in(OctetSpan key) noexcept;

/// The zone in a key of `zone_log`. Requires: such a key.
[[nodiscard]] ZoneId zone_in(OctetSpan key) noexcept;

/// Where the kept part of a log starts: after this entry.
struct LogBase {
  std::uint64_t sequence = 0;
  Digest256 chain{};
};

/// `octets`: of all entries kept.
void put_position(WriteBatch& batch, LogId log, const Position& position, std::uint64_t octets);
void put_epochs(WriteBatch& batch, LogId log, const EpochTable& epochs);
void put_base(WriteBatch& batch, LogId log, const LogBase& base);

/// The three rows of a log's ends; all as new when the log was never written. Fails: kCorrupt, and
/// as Store::get.
struct LogRows {
  Position position;
  std::uint64_t octets = 0;
  LogBase base;
  EpochTable epochs;
};

Result<LogRows> read_log_rows(const Store& store, LogId log);

/// What an entry says beside its octets: the rest of EncodedEntry.
[[nodiscard]] EncodedEntry described(const Entry& entry);

}  // namespace tandem
