#include "common/node/orphans.h"

#include "common/base/logging.h"
#include "common/log/codec.h"

namespace tandem {
namespace {

constexpr std::size_t kReadOctets = 1 << 20;

Octets key_prefix(LogId log) {
  Octets key = to_octets(as_octets("orphan/"));
  key.push_back(static_cast<std::uint8_t>(log));
  return key;
}

Octets key_of(LogId log, const Entry& entry) {
  Octets key = key_prefix(log);
  append_be(key, entry.epoch.number);
  append(key, entry.epoch.leader.octets);
  append_be(key, entry.sequence);
  return key;
}

}  // namespace

Status keep_orphans(ReplicatedLog& log, std::uint64_t sequence) {
  std::size_t count = 0;
  std::uint64_t after = std::max(sequence, log.entries().first_sequence() - 1);
  while (true) {
    const std::vector<EncodedEntry> entries = TRY(log.entries().read_after(after, kReadOctets));
    if (entries.empty()) {
      break;
    }
    WriteBatch batch;
    for (const EncodedEntry& encoded : entries) {
      batch.put(Family::kMeta, key_of(log.id(), TRY(decode_entry(encoded.octets))), encoded.octets);
    }
    TRYV(log.store().write(batch, Durability::kSynced));
    after = entries.back().sequence;
    count += entries.size();
  }
  if (count > 0) {
    log_error("changes became orphans count={} after={} advice=\"tandemctl status shows them\"",
              count, sequence);
  }
  return {};
}

Result<std::vector<Entry>> read_orphans(const Store& store, LogId log) {
  const Octets first = key_prefix(log);
  Octets end = first;
  ++end.back();
  std::vector<Entry> orphans;
  TRYV(store.scan(Family::kMeta, first, end, [&](OctetSpan /*key*/, OctetSpan value) {
    if (auto entry = decode_entry(value); entry) {
      orphans.push_back(*std::move(entry));
    }
    return ScanNext::kContinue;
  }));
  return orphans;
}

}  // namespace tandem
