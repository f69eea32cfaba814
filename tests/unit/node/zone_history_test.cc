// What a zone was, found in the log: its entries, its content at each serial, what lies between.
#include "common/node/zone_history.h"

#include <algorithm>
#include <limits>

#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "common/zone/diff.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kMost = 1000;

using Lines = std::vector<std::string>;

class ZoneHistoryTest : public WriterTest {
 protected:
  ZoneHistory history() {
    auto opened = ZoneHistory::open(*log_, name(kZone));
    EXPECT_TRUE(opened) << opened.error().detail;
    return *std::move(opened);
  }

  void set(std::string_view owner, std::string_view address) {
    ASSERT_TRUE(change(*writer_, set_address(kZone, owner, address)));
  }

  void import(std::string_view lines) {
    const auto done = change(*writer_, plan_import(name(kZone), zone(lines), IfMissing::kCreate));
    ASSERT_TRUE(done) << done.error().detail;
  }

  void remove() { ASSERT_TRUE(change(*writer_, plan_delete(name(kZone)))); }

  /// The records at a serial, but the apex and ns1.
  Lines at(Serial serial) {
    const auto content = history().content_at(serial);
    EXPECT_TRUE(content) << content.error().detail;
    if (!content) {
      return {};
    }
    EXPECT_EQ(content->zone->serial(), serial);
    Lines lines = lines_of(*content->zone);
    std::erase_if(lines, [](const std::string& line) {
      return line.starts_with("example.") || line.starts_with("ns1.");
    });
    return lines;
  }

  Result<ZoneDifference> difference(Serial from, std::optional<Serial> to, std::size_t most) {
    const ZoneHistory seen = history();
    const Serial end = to ? *to : TRY(seen.present_serial());
    return seen.difference(TRY(seen.state_with(from)), TRY(seen.state_with(end)), most);
  }

  Lines diff(Serial from, std::optional<Serial> to = {}, std::size_t most = kMost) {
    const auto found = difference(from, to, most);
    EXPECT_TRUE(found) << found.error().detail;
    Lines lines;
    for (const DifferentRecord& record : found->records) {
      lines.push_back(std::string(record.side == DiffSide::kAdded ? "+ " : "- ") +
                      record_to_text(record.owner, record.ttl, record.type, record.rdata));
    }
    return lines;
  }

  std::string kinds() {
    std::string out;
    const auto items = history().items(kEnd, kMost);
    for (const HistoryItem& item : *items) {
      out += fmt::format("{}:{} ", to_text(item.kind),
                         item.serial ? static_cast<std::int64_t>(*item.serial) : -1);
    }
    return out;
  }
};

TEST_F(ZoneHistoryTest, EachSerialHasItsContent) {
  start_with_zone();
  set("a", "192.0.2.2");
  set("b", "192.0.2.3");
  EXPECT_EQ(at(1), Lines{"a.example. 3600 IN A 192.0.2.1"});
  EXPECT_EQ(at(2), Lines{"a.example. 3600 IN A 192.0.2.2"});
  EXPECT_EQ(at(3), (Lines{"a.example. 3600 IN A 192.0.2.2", "b.example. 3600 IN A 192.0.2.3"}));
  EXPECT_EQ(log_.answered(kZone)->serial(), 3U);
}

TEST_F(ZoneHistoryTest, LooksLeaveTheAnsweredZoneAsItIs) {
  start_with_zone();
  set("a", "192.0.2.2");
  const Lines before = lines_of(*log_.answered(kZone));
  EXPECT_EQ(at(1).size(), 1U);
  EXPECT_EQ(lines_of(*log_.answered(kZone)), before);
  set("a", "192.0.2.9");  // the next version is made as ever
  EXPECT_EQ(at(3), Lines{"a.example. 3600 IN A 192.0.2.9"});
}

// RFC 2136 s3.6: several changes of one group have one serial.
TEST_F(ZoneHistoryTest, TheSerialOfAGroupNamesItsEnd) {
  start_with_zone();
  const auto release = hold_writer();
  auto first = submit(set_address(kZone, "a", "192.0.2.2"));
  auto second = submit(set_address(kZone, "b", "192.0.2.3"));
  release->set_value();
  ASSERT_TRUE(first.get());
  ASSERT_TRUE(second.get());
  ASSERT_EQ(serial(), 2U);
  set("c", "192.0.2.4");
  EXPECT_EQ(at(1), Lines{"a.example. 3600 IN A 192.0.2.1"});
  EXPECT_EQ(at(2).size(), 2U);
  EXPECT_EQ(kinds(), "records:3 records:2 records:2 created:1 ");
  EXPECT_EQ(history().items(kEnd, kMost)->at(1).added, 1U);
}

TEST_F(ZoneHistoryTest, ADifferenceGoesEitherWayAndIsEmptyBetweenEquals) {
  start_with_zone();
  set("a", "192.0.2.2");
  set("b", "192.0.2.3");
  set("a", "192.0.2.1");
  EXPECT_EQ(diff(1, 2),
            (Lines{"- a.example. 3600 IN A 192.0.2.1", "+ a.example. 3600 IN A 192.0.2.2"}));
  EXPECT_EQ(diff(2, 1),
            (Lines{"- a.example. 3600 IN A 192.0.2.2", "+ a.example. 3600 IN A 192.0.2.1"}));
  EXPECT_EQ(diff(1), Lines{"+ b.example. 3600 IN A 192.0.2.3"}) << "what came and went is left out";
  EXPECT_EQ(diff(3, 3), Lines{});
  const auto cut = difference(1, 2, 1);
  EXPECT_EQ(cut->records.size(), 1U);
  EXPECT_TRUE(cut->is_cut);
  EXPECT_EQ(cut->added, 1U);
}

TEST_F(ZoneHistoryTest, AnSoaShowsWhenMoreThanItsSerialDiffers) {
  start_with_zone();
  const auto soa =
      rdata_from_text(RrType::kSoa, "ns1.example. other.example. 2 900 300 604800 600");
  RecordEdit edit{
      RecordEdit::Operation::kSet, name(kZone), RrType::kSoa, std::nullopt, {*soa}, {}, {}};
  ASSERT_TRUE(change(*writer_, plan_edits(name(kZone), {edit})));
  EXPECT_EQ(diff(1).size(), 2U);
}

TEST_F(ZoneHistoryTest, WholeReplacementsAreCrossedByTheirImages) {
  start_with_zone();
  set("a", "192.0.2.2");
  import(large_lines("first"));
  ASSERT_EQ(kinds(), "replaced:3 records:2 created:1 ");
  set("a", "192.0.2.7");
  EXPECT_EQ(at(1), Lines{"a.example. 3600 IN A 192.0.2.1"});
  EXPECT_EQ(at(2), Lines{"a.example. 3600 IN A 192.0.2.2"});
  EXPECT_EQ(at(3).size(), 4000U);
  EXPECT_EQ(at(4).size(), 4001U);
  EXPECT_EQ(diff(3, 4), Lines{"+ a.example. 3600 IN A 192.0.2.7"});
  const auto across = difference(2, 4, kMost);
  EXPECT_EQ(across->removed, 1U);
  EXPECT_EQ(across->added, 4001U);
  const HistoryItem replaced = history().items(kEnd, kMost)->at(1);
  EXPECT_EQ(replaced.removed, 4U);
  EXPECT_EQ(replaced.added, 4003U);
}

TEST_F(ZoneHistoryTest, AnImageThatIsGoneIsSaidToBe) {
  start_with_zone();
  import(large_lines("first"));
  WriteBatch batch;
  ASSERT_TRUE(sweep_images(
      store_, LogId::kCluster, [](const ZoneId&, const Digest256&) { return false; }, batch));
  ASSERT_TRUE(store_.write(batch, Durability::kSynced));
  const auto content = history().content_at(1);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().code, Errc::kNotFound);
  EXPECT_TRUE(content.error().detail.contains("the image of what it was then, serial 1"))
      << content.error().detail;
}

TEST_F(ZoneHistoryTest, ADeletedZoneAndTheOneInItsPlaceHaveOneHistory) {
  start_with_zone();
  set("a", "192.0.2.2");
  remove();
  EXPECT_EQ(at(2), Lines{"a.example. 3600 IN A 192.0.2.2"}) << "of a zone that is gone";
  EXPECT_FALSE(history().serial());
  EXPECT_EQ(difference(1, std::nullopt, kMost).error().code, Errc::kNotFound);
  ASSERT_TRUE(change(*writer_, plan_create(name(kZone), {}, zone("n A 192.0.2.5\n"))));
  set("n", "192.0.2.6");
  set("n", "192.0.2.7");
  EXPECT_EQ(kinds(), "records:3 records:2 created:1 deleted:-1 records:2 created:1 ");
  EXPECT_EQ(at(2), Lines{"n.example. 3600 IN A 192.0.2.6"})
      << "a serial names the newest that had it";
}

TEST_F(ZoneHistoryTest, WhatADeletedZoneHeldMakesARestoration) {
  start_with_zone();
  set("a", "192.0.2.2");
  const ZonePtr last = log_.answered(kZone);
  remove();
  const auto gone = deleted_zones(*log_);
  ASSERT_EQ(gone->size(), 1U);
  EXPECT_EQ(gone->front().gone.last->serial, 2U);
  ASSERT_TRUE(change(*writer_, plan_create(name(kZone), {}, last)));
  EXPECT_EQ(kinds(), "restored:2 deleted:-1 records:2 created:1 ");
  EXPECT_TRUE(deleted_zones(*log_)->size() == 1U);
  EXPECT_EQ(at(1), Lines{"a.example. 3600 IN A 192.0.2.1"});
}

TEST_F(ZoneHistoryTest, OptionsChangeNothingOfTheContent) {
  start_with_zone();
  ASSERT_TRUE(change(*writer_, plan_options(name(kZone), [](ZoneOptions& options) {
    options.serial_policy = SerialPolicy::kUnixTime;
  })));
  EXPECT_EQ(kinds(), "options:1 created:1 ");
  EXPECT_EQ(at(1).size(), 1U);
}

TEST_F(ZoneHistoryTest, UnknownSerialsAreSaidWithWhatIsKnown) {
  start_with_zone();
  set("a", "192.0.2.2");
  EXPECT_EQ(history().content_at(9).error().detail,
            "example. has not had the serial 9: it is at 2");
  EXPECT_EQ(
      history().content_at(0).error().detail,
      "no content of example. with the serial 0 is known; the oldest serial still known is 1");
  EXPECT_EQ(ZoneHistory::open(*log_, name("other.")).error().code, Errc::kNotFound);
}

TEST_F(ZoneHistoryTest, BehindATrimmedLogTheStateBeforeItsFirstEntryIsKnown) {
  start_with_zone();
  set("a", "192.0.2.2");
  set("a", "192.0.2.3");
  const std::uint64_t second = log_.head() - 1;
  ASSERT_TRUE(log_->trim(second, [] { return false; }));
  EXPECT_EQ(kinds(), "records:3 ");
  EXPECT_EQ(at(2), Lines{"a.example. 3600 IN A 192.0.2.2"});
  EXPECT_EQ(history().content_at(1).error().detail,
            "no content of example. with the serial 1 is known; the oldest serial still known is "
            "2, what was before is not in the log any more");
}

TEST_F(ZoneHistoryTest, ItemsComeInPages) {
  start_with_zone();
  set("a", "192.0.2.2");
  set("a", "192.0.2.3");
  const auto newest = *history().items(kEnd, 2);
  ASSERT_EQ(newest.size(), 2U);
  const auto rest = *history().items(newest.back().entry.sequence, kMost);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest.front().kind, HistoryKind::kCreated);
  EXPECT_EQ(rest.front().added, 4U);
}

// RFC 1982: serials go round.
TEST_F(ZoneHistoryTest, SerialsMayGoRound) {
  start_with_zone();
  RecordEdit edit{RecordEdit::Operation::kSet, name(kZone), RrType::kSoa, std::nullopt, {}, {}, {}};
  for (const char* const next : {"2147483648", "4294967295"}) {
    edit.rdatas = {*rdata_from_text(
        RrType::kSoa, fmt::format("ns1.example. h.example. {} 900 300 604800 600", next))};
    ASSERT_TRUE(change(*writer_, plan_edits(name(kZone), {edit})));
  }
  set("a", "192.0.2.2");
  ASSERT_EQ(serial(), 1U) << "0 is left out";
  EXPECT_EQ(at(1), Lines{"a.example. 3600 IN A 192.0.2.2"}) << "the newest that had it";
  EXPECT_EQ(at(4294967295U), Lines{"a.example. 3600 IN A 192.0.2.1"});
}

TEST_F(ZoneHistoryTest, ARevertIsAChangeLikeAnyOther) {
  start_with_zone();
  set("a", "192.0.2.2");
  set("b", "192.0.2.3");
  const Lines once = at(1);
  const auto receipt = change(*writer_, plan_revert(name(kZone), *history().content_at(1)));
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->serial, 4U);
  EXPECT_EQ(at(4), once);
  EXPECT_EQ(diff(1, 4), Lines{});
  const HistoryItem newest = history().items(kEnd, 1)->front();
  EXPECT_EQ(newest.removed, 2U);
  EXPECT_EQ(newest.added, 1U);
  EXPECT_FALSE(change(*writer_, plan_revert(name(kZone), *history().content_at(4)))->changed);
  EXPECT_FALSE(change(*writer_, plan_revert(name(kZone), *history().content_at(1)))->changed);
  EXPECT_EQ(at(3).size(), 2U) << "what was taken back stays known";
}

// Notes have no serial of their own.
TEST_F(ZoneHistoryTest, EntriesNameStatesThatNoSerialTellsApart) {
  start_with_zone();
  const auto comment = [this](std::string text) {
    RecordEdit edit;
    edit.operation = RecordEdit::Operation::kNote;
    edit.owner = name("a.example.");
    edit.type = RrType::kA;
    edit.note.comment = std::move(text);
    return change(*writer_, plan_edits(name(kZone), {edit}))->position.sequence;
  };
  const std::uint64_t first = comment("first");
  const std::uint64_t second = comment("second");
  ASSERT_EQ(serial(), 1U);
  const ZoneHistory seen = history();
  const auto noted = [&seen](std::uint64_t entry) {
    const auto content = seen.content_after(*seen.state_after(entry));
    return content->notes.empty() ? std::string() : content->notes.all().front()->comment;
  };
  EXPECT_EQ(noted(first - 1), "");
  EXPECT_EQ(noted(first), "first");
  EXPECT_EQ(noted(second), "second");
  EXPECT_EQ(*seen.state_with(1), second) << "the newest";
  const auto found = seen.difference(*seen.state_after(first), *seen.state_with(1), kMost);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->records.empty());
  EXPECT_EQ(found->notes.removed.at(0).comment, "first");
  EXPECT_EQ(found->notes.added.at(0).comment, "second");
  const auto unknown = seen.state_after(second + 1);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().detail,
            fmt::format("the log has no entry {}: it has those from 1 to {}", second + 1, second));
}

TEST_F(ZoneHistoryTest, WhatWasSignedElsewhereIsNotReverted) {
  start_with_zone();
  const ZonePtr plain = history().content_at(1)->zone;
  const Changeset newer = serial_change(*plain, 2);
  const ZonePtr next = *plain->apply(std::span(&newer, 1), ZoneLimits{});
  const Changeset signature = changeset(
      "",
      "example. 3600 IN RRSIG SOA 13 1 3600 20300101000000 20200101000000 1 example. aGVsbG8=\n");
  const ZonePtr as_signed = *next->apply(std::span(&signature, 1), ZoneLimits{});
  ASSERT_TRUE(change(*writer_, plan_import(name(kZone), as_signed, IfMissing::kRefuse)));
  const auto refused = change(*writer_, plan_revert(name(kZone), *history().content_at(1)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kRefused);
  remove();
  ASSERT_TRUE(change(*writer_, plan_create(name(kZone), {}, as_signed)));
  EXPECT_EQ(history().items(kEnd, 1)->front().kind, HistoryKind::kRestored);
}

TEST_F(ZoneHistoryTest, ALargeRevertIsAReplacement) {
  start_with_zone();
  import(large_lines("first"));
  const auto receipt = change(*writer_, plan_revert(name(kZone), *history().content_at(1)));
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->serial, 3U);
  EXPECT_EQ(at(3), Lines{"a.example. 3600 IN A 192.0.2.1"});
  EXPECT_EQ(kinds(), "replaced:3 replaced:2 created:1 ");
}

}  // namespace
}  // namespace tandem::test
