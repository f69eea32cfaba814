#include "tests/unit/store/log_fixture.h"

#include <utility>

#include <gtest/gtest.h>

#include "common/zone/rr_pack.h"
#include "tests/unit/log/sample_entries.h"

namespace tandem::testing {

EncodedEntry GroupMaker::encoded(Entry entry) {
  entry.sequence = at_.sequence + 1;
  entry.time = WallTime(std::chrono::seconds(1'763'856'000));
  entry.actor.name = "test";
  auto made = encode_after(at_, entry);
  EXPECT_TRUE(made) << made.error().detail;
  at_ = position_after(at_, *made);
  return *std::move(made);
}

std::vector<EncodedEntry> GroupMaker::group(std::size_t entries, ZoneId zone, std::size_t octets) {
  std::vector<EncodedEntry> out;
  for (std::size_t i = 0; i < entries; ++i) {
    RecordChange change;
    RrPacker packer(change.authored.added);
    const Octets text(101, 100);  // a character-string of 100 octets
    packer.add(name_of("a.example."), RrType::kTxt, 60, text);
    while (change.authored.added.size() < octets) {
      packer.add(name_of("a.example."), RrType::kTxt, 60, text);
    }
    Entry entry;
    entry.epoch = at_.epoch;
    entry.changes.push_back({zone, std::move(change)});
    entry.group_end = i + 1 == entries;
    out.push_back(encoded(std::move(entry)));
  }
  return out;
}

std::vector<EncodedEntry> GroupMaker::change(ZoneId zone, ChangeKind kind) {
  Entry entry;
  entry.epoch = at_.epoch;
  entry.changes.push_back({zone, std::move(kind)});
  entry.group_end = true;
  std::vector<EncodedEntry> out;
  out.push_back(encoded(std::move(entry)));
  return out;
}

std::vector<EncodedEntry> GroupMaker::epoch(std::uint64_t number) {
  Entry entry;
  entry.epoch.number = number;
  entry.epoch.leader.octets.fill(static_cast<std::uint8_t>(number));
  entry.changes.push_back({ZoneId{}, EpochStart{}});
  entry.group_end = true;
  std::vector<EncodedEntry> out;
  out.push_back(encoded(std::move(entry)));
  return out;
}

GroupMaker maker_at(LogStore& log) {
  GroupMaker maker(log.head());
  if (log.head().sequence == 0) {
    const auto first = maker.epoch(1);
    const Status appended = log.append(first, {});
    EXPECT_TRUE(appended) << appended.error().detail;
  }
  return maker;
}

void append_up_to(LogStore& log, GroupMaker& maker, std::uint64_t last, ZoneId zone) {
  while (maker.at().sequence < last) {
    const auto group = maker.group(1, zone);
    const Status appended = log.append(group, {});
    ASSERT_TRUE(appended) << appended.error().detail;
  }
}

}  // namespace tandem::testing
