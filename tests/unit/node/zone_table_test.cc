// The table of zones and the draft in which changes are tried.
#include "common/node/zone_table.h"

#include <gtest/gtest.h>

#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

ZoneId id(std::uint8_t octet) {
  ZoneId out;
  out.octets.fill(octet);
  return out;
}

class ZoneTableTest : public ::testing::Test {
 protected:
  TableDraft draft() {
    return TableDraft(table_, [](const ZoneRecord&, const ImageRef&) -> Result<ZonePtr> {
      return fail(Errc::kNotFound, "no images here");
    });
  }

  void create(std::uint8_t zone_id, std::string_view zone_name, std::uint64_t sequence) {
    TableDraft d = draft();
    ASSERT_TRUE(d.apply({id(zone_id), ZoneCreate{name(zone_name), {}}}));
    const ZonePtr content = zone("a A 192.0.2.1\n", zone_name);
    ASSERT_TRUE(d.set_content(id(zone_id), content, content_digest_of(*content)));
    d.commit({{1, {}}, sequence, {}});
  }

  static Change records(std::uint8_t zone_id, std::string_view removed, std::string_view added) {
    return {id(zone_id), RecordChange{changeset(removed, added), {}}};
  }

  ZoneTable table_{LogId::kCluster};
};

TEST_F(ZoneTableTest, NothingOfADraftShowsBeforeItIsCommitted) {
  create(1, "example.", 5);
  TableDraft d = draft();
  ASSERT_TRUE(d.apply(records(1, "", "b A 192.0.2.2")));
  ASSERT_TRUE(d.apply({id(2), ZoneCreate{name("other."), {}}}));
  EXPECT_EQ(table_.find(id(1))->zone->record_count(), 4U);
  EXPECT_EQ(table_.find(name("other.")), nullptr);
  EXPECT_EQ(d.find(name("example."))->zone->record_count(), 5U);
  const auto differences = d.commit({{1, {}}, 6, {}});
  EXPECT_EQ(differences.size(), 2U);
  EXPECT_EQ(table_.find(name("EXAMPLE."))->zone->record_count(), 5U);
  EXPECT_EQ(table_.find(id(1))->sequence, 6U);
  EXPECT_EQ(table_.position().sequence, 6U);
  EXPECT_TRUE(d.touched().empty());
}

TEST_F(ZoneTableTest, ADigestIsKeptAsTheContentChanges) {
  create(1, "example.", 5);
  TableDraft d = draft();
  ASSERT_TRUE(d.apply(records(1, "a A 192.0.2.1", "b A 192.0.2.2\nc TXT x")));
  const ZoneRecordPtr record = d.find(id(1));
  EXPECT_EQ(record->digest, content_digest_of(*record->zone));
  ASSERT_EQ(d.digests().size(), 1U);
  EXPECT_EQ(d.digests().front().content, record->digest.value());
}

TEST_F(ZoneTableTest, RollbackPutsEverythingBackThatCameSinceTheSavepoint) {
  create(1, "example.", 5);
  create(2, "gone.", 6);
  SecretInfo secret;
  secret.label = "first";
  SecretInfo renamed = secret;
  renamed.label = "second";
  TableDraft d = draft();
  ASSERT_TRUE(d.apply(records(1, "", "b A 192.0.2.2")));
  ASSERT_TRUE(d.apply({ZoneId{}, SecretNamed{secret}}));
  const auto before = d.savepoint();
  ASSERT_TRUE(d.apply(records(1, "", "c A 192.0.2.3")));
  ASSERT_TRUE(d.apply({id(1), ZoneOptionsChange{{}, {SerialPolicy::kDate, false, 0}}}));
  ASSERT_TRUE(d.apply({id(2), ZoneDelete{name("gone."), {}, std::nullopt}}));
  ASSERT_TRUE(d.apply({id(3), ZoneCreate{name("new."), {}}}));
  ASSERT_TRUE(d.apply({ZoneId{}, SecretNamed{renamed}}));
  d.rollback(before);
  EXPECT_EQ(d.find(id(1))->zone->record_count(), 5U);
  EXPECT_EQ(d.find(id(1))->options, ZoneOptions{});
  EXPECT_NE(d.find(name("gone.")), nullptr);
  EXPECT_EQ(d.find(name("new.")), nullptr);
  EXPECT_EQ(d.touched(), std::vector<ZoneId>{id(1)});
  d.commit({{1, {}}, 7, {}});
  ASSERT_EQ(table_.secrets().size(), 1U);
  EXPECT_EQ(table_.secrets().front().label, "first");
}

TEST_F(ZoneTableTest, ASecretDroppedAndRolledBackStays) {
  SecretInfo secret;
  secret.label = "kept";
  TableDraft first = draft();
  ASSERT_TRUE(first.apply({ZoneId{}, SecretNamed{secret}}));
  first.commit({{1, {}}, 1, {}});
  TableDraft d = draft();
  const auto before = d.savepoint();
  ASSERT_TRUE(d.apply({ZoneId{}, SecretDropped{secret}}));
  d.rollback(before);
  d.commit({{1, {}}, 2, {}});
  EXPECT_EQ(table_.secrets().size(), 1U);
  TableDraft last = draft();
  ASSERT_TRUE(last.apply({ZoneId{}, SecretDropped{secret}}));
  last.commit({{1, {}}, 3, {}});
  EXPECT_TRUE(table_.secrets().empty());
}

TEST_F(ZoneTableTest, ASecretNamedAgainAndRolledBackStaysDropped) {
  SecretInfo secret;
  secret.purpose = "tsig";
  secret.label = "a.:x";
  TableDraft first = draft();
  ASSERT_TRUE(first.apply({ZoneId{}, SecretNamed{secret}}));
  EXPECT_EQ(first.secrets("tsig", "a.:").size(), 1U);
  EXPECT_EQ(first.secret_difference().named.size(), 1U);
  first.commit({{1, {}}, 1, {}});
  TableDraft d = draft();
  EXPECT_EQ(d.secrets("tsig", "a.:").size(), 1U);
  ASSERT_TRUE(d.apply({ZoneId{}, SecretDropped{secret}}));
  const auto dropped = d.savepoint();
  ASSERT_TRUE(d.apply({ZoneId{}, SecretNamed{secret}}));
  EXPECT_TRUE(d.secret_difference().empty());
  d.rollback(dropped);
  EXPECT_TRUE(d.secrets("tsig", "a.:").empty());
  EXPECT_EQ(d.secret_difference().dropped.size(), 1U);
  d.commit({{1, {}}, 2, {}});
  EXPECT_TRUE(table_.secrets().empty());
}

TEST_F(ZoneTableTest, SettingsAreOfTheirKindAndCanBeTakenBack) {
  TableDraft d = draft();
  const auto set = [&](SettingKind kind, std::string before, std::string after) {
    return d.apply({ZoneId{}, SettingChange{kind, "x", std::move(before), std::move(after)}});
  };
  ASSERT_TRUE(set(SettingKind::kSecondary, "", "notify:192.0.2.1:53"));
  EXPECT_TRUE(d.settings(SettingKind::kSource).empty());
  const TableDraft::Savepoint first = d.savepoint();
  ASSERT_TRUE(set(SettingKind::kSecondary, "notify:192.0.2.1:53", "notify:192.0.2.2:53"));
  ASSERT_TRUE(set(SettingKind::kSource, "", "192.0.2.3:53"));
  EXPECT_FALSE(set(SettingKind::kSource, "", "192.0.2.4:53"));
  d.rollback(first);
  EXPECT_EQ(d.settings(SettingKind::kSecondary), (SettingBook{{"x", "notify:192.0.2.1:53"}}));
  EXPECT_TRUE(d.settings(SettingKind::kSource).empty());
  EXPECT_TRUE(table_.settings(SettingKind::kSecondary).empty());
  const std::uint64_t revision = table_.settings_revision(SettingKind::kSecondary);
  const std::uint64_t of_sources = table_.settings_revision(SettingKind::kSource);
  d.commit({{1, {}}, 6, {}});
  EXPECT_EQ(table_.settings(SettingKind::kSecondary), (SettingBook{{"x", "notify:192.0.2.1:53"}}));
  EXPECT_NE(table_.settings_revision(SettingKind::kSecondary), revision);
  EXPECT_EQ(table_.settings_revision(SettingKind::kSource), of_sources);
}

TEST_F(ZoneTableTest, SettingsOfADraftStandOverTheTables) {
  TableDraft first = draft();
  for (const std::string_view zone : {"a.", "b."}) {
    ASSERT_TRUE(first.apply(
        {ZoneId{}, SettingChange{SettingKind::kMember, std::string(zone), "", "group:x"}}));
  }
  first.commit({{1, {}}, 1, {}});
  TableDraft d = draft();
  ASSERT_TRUE(d.apply({ZoneId{}, SettingChange{SettingKind::kMember, "a.", "group:x", ""}}));
  ASSERT_TRUE(d.apply({ZoneId{}, SettingChange{SettingKind::kMember, "c.", "", "group:y"}}));
  const TableDraft::Savepoint before = d.savepoint();
  ASSERT_TRUE(d.apply({ZoneId{}, SettingChange{SettingKind::kMember, "a.", "", "group:z"}}));
  EXPECT_EQ(d.setting(SettingKind::kMember, "a."), "group:z");
  EXPECT_EQ(d.setting_count(SettingKind::kMember), 3U);
  d.rollback(before);
  EXPECT_EQ(d.setting(SettingKind::kMember, "a."), "");
  EXPECT_EQ(d.setting(SettingKind::kMember, "b."), "group:x");
  EXPECT_EQ(d.setting_count(SettingKind::kMember), 2U);
  EXPECT_EQ(d.settings(SettingKind::kMember), (SettingBook{{"b.", "group:x"}, {"c.", "group:y"}}));
  EXPECT_EQ(table_.setting(SettingKind::kMember, "a."), "group:x");
  d.commit({{1, {}}, 2, {}});
  EXPECT_EQ(table_.settings(SettingKind::kMember),
            (SettingBook{{"b.", "group:x"}, {"c.", "group:y"}}));
  EXPECT_EQ(table_.setting_count(SettingKind::kMember), 2U);
}

TEST_F(ZoneTableTest, TheLastSettingGoesWithItsBook) {
  for (const auto& [before, after] : {std::pair{"", "make"}, std::pair{"make", ""}}) {
    TableDraft d = draft();
    ASSERT_TRUE(d.apply({ZoneId{}, SettingChange{SettingKind::kCatalog, "c.", before, after}}));
    d.commit({{1, {}}, 6, {}});
  }
  EXPECT_TRUE(table_.settings(SettingKind::kCatalog).empty());
  EXPECT_TRUE(table_.snapshot().settings.empty());
  EXPECT_TRUE(table_.snapshot().state().settings.empty());
}

TEST_F(ZoneTableTest, AZoneDeletedAndCreatedAnewIsFoundUnderItsName) {
  create(5, "example.", 5);
  for (const std::uint8_t anew : {std::uint8_t{4}, std::uint8_t{6}}) {  // ids on both sides
    const ZoneId old = table_.find(name("example."))->id;
    TableDraft d = draft();
    ASSERT_TRUE(d.apply({old, ZoneDelete{name("example."), {}, std::nullopt}}));
    EXPECT_EQ(d.find(name("example.")), nullptr);
    ASSERT_TRUE(d.apply({id(anew), ZoneCreate{name("Example."), {}}}));
    EXPECT_EQ(d.find(name("example."))->id, id(anew));
    d.commit({{1, {}}, 6, {}});
    EXPECT_EQ(table_.find(name("example."))->id, id(anew));
    EXPECT_EQ(table_.find(old), nullptr);
  }
}

TEST_F(ZoneTableTest, WhatDoesNotFitIsRefused) {
  create(1, "example.", 5);
  TableDraft d = draft();
  EXPECT_EQ(d.apply({id(2), ZoneCreate{name("EXAMPLE."), {}}}).error().code, Errc::kExists);
  EXPECT_EQ(d.apply({id(1), ZoneCreate{name("other."), {}}}).error().code, Errc::kExists);
  EXPECT_EQ(d.apply(records(9, "", "b A 192.0.2.2")).error().code, Errc::kConflict);
  EXPECT_EQ(d.apply({id(9), ZoneDelete{name("x."), {}, std::nullopt}}).error().code,
            Errc::kConflict);
  EXPECT_EQ(d.apply(records(1, "zz A 192.0.2.9", "")).error().code, Errc::kConflict);
  EXPECT_EQ(d.apply({id(1), ZoneReplace{std::nullopt, ImageRef{}}}).error().code, Errc::kNotFound);
  EXPECT_TRUE(d.touched().empty());
}

TEST_F(ZoneTableTest, TheFirstContentOfAZoneIsARecordChangeToo) {
  TableDraft d = draft();
  ASSERT_TRUE(d.apply({id(1), ZoneCreate{name("example."), {}}}));
  EXPECT_EQ(d.apply(records(1, "", "a A 192.0.2.1")).error().code, Errc::kInvalid) << "no SOA";
  EXPECT_EQ(d.apply(records(1, "a A 192.0.2.1", std::string(kApex))).error().code, Errc::kConflict);
  ASSERT_TRUE(d.apply(records(1, "", std::string(kApex))));
  EXPECT_EQ(d.find(id(1))->digest, content_digest_of(*d.find(id(1))->zone));
  ASSERT_TRUE(d.apply({id(1), ZoneReplace{ImageRef{}, std::nullopt}})) << "and its undoing";
  EXPECT_EQ(d.find(id(1))->zone, nullptr);
}

TEST_F(ZoneTableTest, ALimitOfTheZonesOptionsHolds) {
  create(1, "example.", 5);
  TableDraft d = draft();
  ASSERT_TRUE(d.apply({id(1), ZoneOptionsChange{{}, {SerialPolicy::kIncrement, false, 2}}}));
  EXPECT_FALSE(d.apply(records(1, "", "b A 192.0.2.1\nb A 192.0.2.2\nb A 192.0.2.3")));
  EXPECT_TRUE(d.apply(records(1, "", "b A 192.0.2.1\nb A 192.0.2.2")));
}

TEST_F(ZoneTableTest, ReplacingAllTellsWhatDiffers) {
  create(1, "example.", 5);
  create(2, "other.", 6);
  ZoneTable::Snapshot next = table_.snapshot();
  EXPECT_TRUE(table_.replace_all(next).empty());
  std::erase_if(next.zones, [](const ZoneRecordPtr& record) { return record->id == id(2); });
  next.position.sequence = 90;
  const auto differences = table_.replace_all(next);
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences.front().before->id, id(2));
  EXPECT_EQ(differences.front().after, nullptr);
  EXPECT_EQ(table_.find(name("other.")), nullptr);
  EXPECT_EQ(table_.position().sequence, 90U);
}

TEST_F(ZoneTableTest, ListsInCanonicalOrderOfNames) {
  create(1, "z.", 1);
  create(2, "b.a.", 2);
  create(3, "a.", 3);
  std::vector<std::string> names;
  for (const ZoneRecordPtr& record : table_.all()) {
    names.push_back(record->name.to_text());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"a.", "b.a.", "z."}));
}

}  // namespace
}  // namespace tandem::test
