// The single writer of a log: groups, serials, the form of entries, the order of things.
#include <atomic>

#include "common/dns/rdata.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

TEST_F(WriterTest, TheFirstEntryStartsEpochOneOfTheCluster) {
  EXPECT_EQ(log_.head(), 1U);
  EXPECT_EQ(log_->entries().epochs(), (EpochTable{{{1, node_id(1)}, 1}}));
  EXPECT_EQ(std::get<EpochStart>(entry(1).changes.front().kind).cluster, cluster_id(7));
  EXPECT_TRUE(writer_->bootstrap(cluster_id(8)));
  EXPECT_EQ(log_.head(), 1U);
}

TEST_F(WriterTest, RequestsThatWaitTogetherShareOneGroupAndOneSerial) {
  start_with_zone();
  const Serial before = serial();
  const std::uint64_t groups = writer_->stats().groups.value();
  const auto release = hold_writer();
  auto first = submit(set_address(kZone, "a", "192.0.2.2"));
  auto second = submit(set_address(kZone, "b", "192.0.2.3"));
  auto third = submit(set_address(kZone, "a", "192.0.2.4"));
  release->set_value();
  const Receipt receipts[] = {*first.get(), *second.get(), *third.get()};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(receipts[i].changed);
    EXPECT_EQ(receipts[i].serial, before + 1);
    EXPECT_EQ(receipts[i].position.sequence, 3 + i);
    EXPECT_EQ(entry(3 + i).group_end, i == 2);
    EXPECT_EQ(receipts[i].position.chain, log_->entries().read(3 + i)->chain);
  }
  EXPECT_EQ(serial(), before + 1);
  EXPECT_EQ(writer_->stats().groups.value(), groups + 1);
  EXPECT_EQ(log_.lines(kZone).size(), 4U);
}

TEST_F(WriterTest, TheEndOfAGroupCarriesDigestsOfTheZonesItTouched) {
  start_with_zone();
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2")));
  const Entry last = entry(log_.head());
  ASSERT_EQ(last.zone_digests.size(), 1U);
  EXPECT_EQ(last.zone_digests.front().content, content_digest_of(*log_.answered(kZone)).value());
  EXPECT_EQ(last.zone_digests.front().serial, serial());
}

TEST_F(WriterTest, AZoneCompactedMeanwhileIsNoChangeOfItsContent) {
  start_with_zone();
  const Serial before = serial();
  const Planner options = plan_options(
      name(kZone), [](ZoneOptions& all) { all.serve_after_expire = !all.serve_after_expire; });
  ASSERT_TRUE(change(*writer_, [&](const TableDraft& zones) {
    auto plan = options(zones);
    const ZoneRecordPtr record = log_->table().find(name(kZone));
    log_->table().reform(record->id, compacted(*record->zone, record->limits()));  // the keeper
    return plan;
  }));
  EXPECT_EQ(serial(), before);
}

TEST_F(WriterTest, ARefusedRequestLeavesTheOthersOfItsGroupAlone) {
  start_with_zone();
  const auto release = hold_writer();
  auto first = submit(set_address(kZone, "b", "192.0.2.2"));
  auto refused = submit(set_address("other.", "b", "192.0.2.2"));
  auto third = submit(set_address(kZone, "c", "192.0.2.3"));
  release->set_value();
  EXPECT_TRUE(first.get());
  EXPECT_EQ(refused.get().error().code, Errc::kNotFound);
  EXPECT_TRUE(third.get());
  EXPECT_EQ(log_.lines(kZone).size(), 5U);
  EXPECT_EQ(writer_->stats().refused.value(), 1U);
}

TEST_F(WriterTest, ALaterRequestOfAGroupSeesTheEarlierOnes) {
  writer_->start();
  const auto release = hold_writer();
  auto create = submit(plan_create(name(kZone), {}, zone("")));
  auto edit = submit(set_address(kZone, "a", "192.0.2.9"));
  auto again = submit(plan_create(name(kZone), {}, zone("")));
  release->set_value();
  EXPECT_TRUE(create.get());
  EXPECT_TRUE(edit.get());
  EXPECT_EQ(again.get().error().code, Errc::kExists);
  EXPECT_EQ(log_.lines(kZone)[1], "a.example. 3600 IN A 192.0.2.9");
}

TEST_F(WriterTest, ARequestWhoseSecondChangeFailsLeavesNothingOfItsFirst) {
  start_with_zone();
  const SecretChange secret = secret_change("key.", "the secret");
  const auto release = hold_writer();
  auto failing = submit([secret](const TableDraft& zones) -> Result<Plan> {
    const ZoneId id = zones.find(name(kZone))->id;
    Plan plan{{secret, Change{id, RecordChange{changeset("", "b A 192.0.2.5"), {}}}}, id, {}};
    plan.changes.emplace_back(Change{id, RecordChange{changeset("zz A 192.0.2.6", ""), {}}});
    return plan;
  });
  auto good = submit(set_address(kZone, "c", "192.0.2.7"));
  release->set_value();
  EXPECT_EQ(failing.get().error().code, Errc::kConflict);
  EXPECT_TRUE(good.get());
  EXPECT_EQ(log_.lines(kZone)[2], "c.example. 3600 IN A 192.0.2.7");
  EXPECT_EQ(log_.lines(kZone).size(), 4U);
  EXPECT_TRUE(log_->table().secrets().empty());
  EXPECT_FALSE(store_.get(Family::kSecret, secret.info.id.octets)->has_value());
}

TEST_F(WriterTest, ASecretIsStoredSealedAndNamedInTheLog) {
  writer_->start();
  const SecretChange secret = secret_change("key.", "the secret");
  ASSERT_TRUE(change(*writer_, [secret](const TableDraft& /*zones*/) -> Result<Plan> {
    return Plan{{secret}, {}, {}};
  }));
  ASSERT_EQ(log_->table().secrets().size(), 1U);
  EXPECT_EQ(log_->table().secrets().front().label, "key.");
  const std::optional<Octets> sealed =
      store_.get(Family::kSecret, secret.info.id.octets).value_or(std::nullopt);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(*sealer_of_node(1).open(*sealed, secret.info.id.to_text()), secret.secret);
  const Octets entry = log_->entries().read(log_.head())->octets;
  EXPECT_EQ(as_text(entry).find("the secret"), std::string_view::npos);
}

TEST_F(WriterTest, TheEntryKeepsActorAndRequestId) {
  start_with_zone();
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2"), "request 17"));
  EXPECT_EQ(as_text(entry(log_.head()).request_id), "request 17");
  EXPECT_EQ(entry(log_.head()).actor, (Actor{"test", "none", "here", ""}));
  EXPECT_EQ(entry(log_.head()).time, clock_.wall());
}

TEST_F(WriterTest, WhatIsSoAlreadyMakesNoEntryAndNoSerialAndNoGroup) {
  start_with_zone();
  const Serial before = serial();
  const std::uint64_t head = log_.head();
  const std::uint64_t groups = writer_->stats().groups.value();
  const auto receipt = change(*writer_, set_address(kZone, "a", "192.0.2.1"));
  ASSERT_TRUE(receipt);
  EXPECT_FALSE(receipt->changed);
  EXPECT_EQ(receipt->serial, before);
  EXPECT_EQ(receipt->position.sequence, head);
  EXPECT_EQ(log_.head(), head);
  EXPECT_EQ(writer_->stats().groups.value(), groups);
}

TEST_F(WriterTest, ChangeOfOptionsAloneRaisesNoSerial) {
  start_with_zone();
  const Serial before = serial();
  const auto receipt = change(*writer_, plan_options(name(kZone), [](ZoneOptions& options) {
    options.serve_after_expire = true;
  }));
  ASSERT_TRUE(receipt);
  EXPECT_TRUE(receipt->changed);
  EXPECT_EQ(receipt->serial, before);
  EXPECT_TRUE(log_->table().find(name(kZone))->options.serve_after_expire);
}

TEST_F(WriterTest, SerialsFollowTheZonesPolicy) {
  start_with_zone({.serial_policy = SerialPolicy::kUnixTime});
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2")));
  EXPECT_EQ(serial(), 1'750'000'000U);
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.3")));
  EXPECT_EQ(serial(), 1'750'000'001U) << "strictly newer, though the clock stood still";
  ASSERT_TRUE(change(*writer_, plan_options(name(kZone), [](ZoneOptions& options) {
    options.serial_policy = SerialPolicy::kDate;
  })));
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.4")));
  EXPECT_EQ(serial(), 2'025'061'500U);
}

TEST_F(WriterTest, ASerialThatTheChangeItselfRaisesCounts) {
  start_with_zone();
  RecordEdit edit;
  edit.operation = RecordEdit::Operation::kSet;
  edit.owner = name(kZone);
  edit.type = RrType::kSoa;
  edit.rdatas = {*rdata_from_text(RrType::kSoa, "ns1.example. h.example. 77 900 300 604800 600")};
  ASSERT_TRUE(change(*writer_, plan_edits(name(kZone), {edit})));
  EXPECT_EQ(serial(), 77U);
  edit.rdatas = {*rdata_from_text(RrType::kSoa, "ns1.example. h.example. 5 900 300 604800 600")};
  ASSERT_TRUE(change(*writer_, plan_edits(name(kZone), {edit})));
  EXPECT_EQ(serial(), 78U) << "an older one does not";
}

TEST_F(WriterTest, ALargeContentIsAnImageThatARestartFinds) {
  start_with_zone();
  ASSERT_TRUE(
      change(*writer_, plan_import(name(kZone), zone(large_lines("first")), IfMissing::kRefuse)));
  const auto replace = std::get<ZoneReplace>(entry(log_.head()).changes.front().kind);
  EXPECT_TRUE(replace.before.has_value());
  ASSERT_TRUE(replace.after.has_value());
  EXPECT_EQ(replace.after->record_count, 4003U);
  const auto lines = log_.lines(kZone);
  writer_.reset();
  log_.restart();
  EXPECT_EQ(log_.lines(kZone), lines);
}

TEST_F(WriterTest, AChangeOfRecordsThatIsTooLargeForAnEntryIsAnImage) {
  start_with_zone();
  const auto receipt = change(*writer_, [](const TableDraft& zones) -> Result<Plan> {
    const ZoneId id = zones.find(name(kZone))->id;
    return Plan{{Change{id, RecordChange{changeset("", large_lines("one")), {}}}}, id, {}};
  });
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_TRUE(std::holds_alternative<ZoneReplace>(entry(log_.head()).changes.front().kind));
  EXPECT_EQ(log_.lines(kZone).size(), 4003U);
  EXPECT_EQ(serial(), 2U);
}

TEST_F(WriterTest, MuchThatWaitsTogetherBecomesSeveralGroups) {
  start_with_zone();
  const auto release = hold_writer();
  std::vector<std::future<Result<Receipt>>> receipts;
  for (int i = 0; i < 12; ++i) {
    std::string lines;
    for (int j = 0; j < 2000; ++j) {
      lines += fmt::format("m{}-{} TXT \"{}\"\n", i, j, std::string(180, 'y'));
    }
    receipts.push_back(submit([lines](const TableDraft& zones) -> Result<Plan> {
      const ZoneId id = zones.find(name(kZone))->id;
      return Plan{{Change{id, RecordChange{changeset("", lines), {}}}}, id, {}};
    }));
  }
  const std::uint64_t groups = writer_->stats().groups.value();
  release->set_value();
  for (auto& receipt : receipts) {
    EXPECT_TRUE(receipt.get());
  }
  EXPECT_GE(writer_->stats().groups.value(), groups + 2);
  EXPECT_LT(writer_->stats().groups.value(), groups + 12);
  EXPECT_EQ(log_.lines(kZone).size(), 24003U);
}

TEST_F(WriterTest, ADeletedZoneLeavesItsLastContentInTheLog) {
  start_with_zone();
  const auto digest = content_digest_of(*log_.answered(kZone)).value();
  const auto receipt = change(*writer_, plan_delete(name(kZone)));
  ASSERT_TRUE(receipt);
  EXPECT_EQ(log_.answered(kZone), nullptr);
  const auto gone = std::get<ZoneDelete>(entry(log_.head()).changes.front().kind);
  ASSERT_TRUE(gone.last.has_value());
  EXPECT_EQ(gone.last->content_digest, digest);
  const ZoneRecord record{receipt->zone, name(kZone), {}, nullptr, {}, 0};
  EXPECT_TRUE(log_->content_of(record, *gone.last));
}

TEST_F(WriterTest, DurableThenVisibleThenAnnouncedThenAcknowledged) {
  std::atomic<bool> is_acknowledged = false;
  std::atomic<int> announced = 0;
  log_->add_listener([&](const CommittedGroup& group) {
    EXPECT_EQ(log_->entries().head(), group.position);
    EXPECT_EQ(log_->table().position(), group.position);
    EXPECT_TRUE(store_.get(Family::kMeta, as_octets("log/"))) << "the store answers";
    EXPECT_NE(log_.answered(kZone), nullptr);
    EXPECT_FALSE(is_acknowledged);
    ++announced;
  });
  writer_->start();
  auto done = std::make_shared<std::promise<void>>();
  writer_->submit({{}, {}, plan_create(name(kZone), {}, zone("")), [&, done](const auto& receipt) {
                     EXPECT_TRUE(receipt);
                     EXPECT_EQ(announced, 1);
                     is_acknowledged = true;
                     done->set_value();
                   }});
  done->get_future().wait();
  EXPECT_TRUE(is_acknowledged);
}

}  // namespace
}  // namespace tandem::test
