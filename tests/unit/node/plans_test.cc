// What somebody asks for, turned into changes: pure functions over a draft.
#include "common/node/plans.h"

#include <gtest/gtest.h>

#include "common/dns/rdata.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using Operation = RecordEdit::Operation;

RecordEdit edit(Operation operation, std::string_view owner, std::string_view type,
                const std::vector<std::string_view>& data = {},
                std::optional<std::uint32_t> ttl = {}) {
  RecordEdit out;
  out.operation = operation;
  out.owner = *Name::from_text(owner, name("example."));
  if (!type.empty()) {
    out.type = rr_type_from_text(type);
  }
  out.ttl = ttl;
  for (const std::string_view text : data) {
    out.rdatas.push_back(*rdata_from_text(*out.type, text, name("example.")));
  }
  return out;
}

/// Of records alone.
Result<Changeset> edited(const Zone& zone, const std::vector<RecordEdit>& edits) {
  NotedChange change = TRY(edit_records(zone, {}, {}, edits));
  return std::move(change.records);
}

/// The zone's records but SOA, NS and ns1 after the edits.
std::vector<std::string> after(const ZonePtr& before, const std::vector<RecordEdit>& edits) {
  const Changeset change = *edited(*before, edits);
  const ZonePtr next = *before->apply(std::span(&change, 1), ZoneLimits{});
  std::vector<std::string> lines = lines_of(*next);
  std::erase_if(lines, [](const std::string& line) {
    return line.starts_with("example. 3600 IN") || line.starts_with("ns1.");
  });
  return lines;
}

using Lines = std::vector<std::string>;

class EditsTest : public ::testing::Test {
 protected:
  const ZonePtr zone_ = zone("a 600 A 192.0.2.1\na 600 A 192.0.2.2\na TXT \"x\"\n");
};

TEST_F(EditsTest, AddJoinsTheRrsetAndTakesItsTtl) {
  EXPECT_EQ(after(zone_, {edit(Operation::kAdd, "a", "A", {"192.0.2.3", "192.0.2.1"})}),
            (Lines{"a.example. 600 IN A 192.0.2.1", "a.example. 600 IN A 192.0.2.2",
                   "a.example. 600 IN A 192.0.2.3", "a.example. 3600 IN TXT \"x\""}));
}

TEST_F(EditsTest, AddWithATtlGivesItToTheWholeRrset) {
  EXPECT_EQ(after(zone_, {edit(Operation::kAdd, "a", "A", {"192.0.2.3"}, 60)}).front(),
            "a.example. 60 IN A 192.0.2.1");
}

TEST_F(EditsTest, AnAddedNameHasTheDefaultTtl) {
  EXPECT_EQ(after(zone_, {edit(Operation::kAdd, "b", "A", {"192.0.2.3"})}).back(),
            "b.example. 3600 IN A 192.0.2.3");
}

TEST_F(EditsTest, SetReplacesTheRrsetAndKeepsItsTtlUnlessOneIsGiven) {
  EXPECT_EQ(after(zone_, {edit(Operation::kSet, "A.EXAMPLE.", "A", {"192.0.2.9"})}).front(),
            "a.example. 600 IN A 192.0.2.9");
  EXPECT_EQ(after(zone_, {edit(Operation::kSet, "a", "A", {"192.0.2.9"}, 0)}).front(),
            "a.example. 0 IN A 192.0.2.9");
}

TEST_F(EditsTest, DeleteTakesARecordAnRrsetOrAName) {
  EXPECT_EQ(after(zone_, {edit(Operation::kDelete, "a", "A", {"192.0.2.1"})}).size(), 2U);
  EXPECT_EQ(after(zone_, {edit(Operation::kDelete, "a", "A")}),
            Lines{"a.example. 3600 IN TXT \"x\""});
  EXPECT_TRUE(after(zone_, {edit(Operation::kDelete, "a", "")}).empty());
}

TEST_F(EditsTest, EditsWorkInOrder) {
  EXPECT_EQ(after(zone_, {edit(Operation::kAdd, "a", "AAAA", {"2001:db8::1"}),
                          edit(Operation::kDelete, "a", ""),
                          edit(Operation::kAdd, "a", "A", {"192.0.2.7"})}),
            Lines{"a.example. 3600 IN A 192.0.2.7"});
  EXPECT_TRUE(edited(*zone_, {edit(Operation::kDelete, "a", "TXT"),
                              edit(Operation::kAdd, "a", "TXT", {"\"x\""}, 3600)})
                  ->empty())
      << "what comes to nothing is nothing";
}

TEST_F(EditsTest, WhatIsSoAlreadyIsLeftOut) {
  EXPECT_TRUE(edited(*zone_, {edit(Operation::kAdd, "a", "A", {"192.0.2.1"})})->empty());
  EXPECT_TRUE(edited(*zone_, {edit(Operation::kDelete, "zz", "A")})->empty());
  EXPECT_TRUE(edited(*zone_, {edit(Operation::kDelete, "zz", "")})->empty());
}

// RFC 2136 s3.4.2.3
TEST_F(EditsTest, DeletingAllOfTheApexKeepsSoaAndNs) {
  const ZonePtr before = zone("@ TXT \"apex\"\n");
  const Changeset change = *edited(*before, {edit(Operation::kDelete, "@", "")});
  const ZonePtr next = *before->apply(std::span(&change, 1), ZoneLimits{});
  EXPECT_TRUE(next->find_rrset(name("example."), RrType::kSoa));
  EXPECT_TRUE(next->find_rrset(name("example."), RrType::kNs));
  EXPECT_FALSE(next->find_rrset(name("example."), RrType::kTxt));
}

TEST_F(EditsTest, NamesOutsideAndMetaTypesAreRefused) {
  EXPECT_EQ(edited(*zone_, {edit(Operation::kDelete, "a.other.", "A")}).error().code,
            Errc::kInvalid);
  RecordEdit any = edit(Operation::kDelete, "a", "");
  any.type = RrType::kAny;
  EXPECT_EQ(edited(*zone_, {any}).error().code, Errc::kInvalid);
}

class PlansTest : public ::testing::Test {
 protected:
  TableDraft draft() { return TableDraft(table_, nullptr); }

  /// The table has `content` as a zone.
  void hold(const ZonePtr& content) {
    TableDraft d = draft();
    id_.octets.fill(4);
    ASSERT_TRUE(d.apply({id_, ZoneCreate{Name(content->origin()), {}}}));
    ASSERT_TRUE(d.set_content(id_, content, content_digest_of(*content)));
    d.commit({{1, {}}, 1, {}});
  }

  Result<Plan> plan(const Planner& planner) { return planner(draft()); }

  static ZonePtr with_serial(std::uint32_t serial, std::string_view lines) {
    return build(fmt::format("@ SOA ns1 hostmaster {} 900 300 604800 600\n@ NS ns1\n"
                             "ns1 A 192.0.2.1\n{}",
                             serial, lines))
        .zone;
  }

  ZoneTable table_{LogId::kCluster};
  ZoneId id_;
};

TEST_F(PlansTest, EditsWarnOfANameServerThatLosesItsAddress) {
  hold(zone("a A 192.0.2.1\n"));
  const auto warnings = [&](std::string_view owner) {
    return plan(plan_edits(name("example."), {edit(Operation::kDelete, owner, "")}))->warnings;
  };
  EXPECT_EQ(warnings("ns1"), Lines{"example. NS: ns1.example. has no address in this zone"});
  EXPECT_EQ(warnings("a"), Lines{});
}

TEST_F(PlansTest, CreateMakesTheZoneAndItsContent) {
  const auto made = plan(plan_create(name("new."), {}, zone("", "new.")));
  ASSERT_EQ(made->changes.size(), 2U);
  EXPECT_EQ(std::get<ContentReplacement>(made->changes[1]).zone, made->zone);
  EXPECT_NE(made->zone, plan(plan_create(name("new."), {}, nullptr))->zone) << "ids are random";
  hold(zone(""));
  EXPECT_EQ(plan(plan_create(name("EXAMPLE."), {}, nullptr)).error().code, Errc::kExists);
}

TEST_F(PlansTest, WhatIsNotThereIsNotFound) {
  for (const Planner& planner :
       {plan_delete(name("no.")), plan_options(name("no."), [](ZoneOptions&) {}),
        plan_edits(name("no."), {}),
        plan_import(name("no."), zone("", "no."), IfMissing::kRefuse)}) {
    EXPECT_EQ(plan(planner).error().code, Errc::kNotFound);
  }
}

TEST_F(PlansTest, AnImportCreatesTheZoneWhereThatIsAsked) {
  EXPECT_EQ(plan(plan_import(name("new."), zone("", "new."), IfMissing::kCreate))->changes.size(),
            2U);
}

TEST_F(PlansTest, AnImportOfTheSameContentChangesNothing) {
  hold(with_serial(10, "a A 192.0.2.9\n"));
  const auto import = [&](std::uint32_t serial, std::string_view lines) {
    return plan(plan_import(name("example."), with_serial(serial, lines), IfMissing::kRefuse))
        ->changes.size();
  };
  EXPECT_EQ(import(10, "a A 192.0.2.9\n"), 0U);
  EXPECT_EQ(import(9, "a A 192.0.2.9\n"), 0U) << "an older serial alone is no change";
  EXPECT_EQ(import(11, "a A 192.0.2.9\n"), 1U) << "a newer one is";
  EXPECT_EQ(import(9, "a A 192.0.2.8\n"), 1U);
}

TEST_F(PlansTest, OptionsThatAreSoAlreadyChangeNothing) {
  hold(zone(""));
  EXPECT_TRUE(plan(plan_options(name("example."), [](ZoneOptions&) {}))->changes.empty());
  EXPECT_EQ(plan(plan_options(name("example."),
                              [](ZoneOptions& options) { options.rrset_records_max = 7; }))
                ->changes.size(),
            1U);
}

TEST_F(PlansTest, AZoneWithoutContentTakesNoEdits) {
  TableDraft d = draft();
  id_.octets.fill(4);
  ASSERT_TRUE(d.apply({id_, ZoneCreate{name("example."), {}}}));
  EXPECT_EQ(plan_edits(name("example."), {})(d).error().code, Errc::kRefused);
}

TEST_F(PlansTest, AMinimalZoneHasSoaAndNs) {
  const ZonePtr made = *minimal_zone(name("new."), name("ns1.other."), name("hostmaster.new."),
                                     {name("ns1.other."), name("ns2.other.")}, 300);
  EXPECT_EQ(made->record_count(), 3U);
  EXPECT_EQ(made->serial(), 1U);
  EXPECT_EQ(made->find_rrset(name("new."), RrType::kNs)->ttl, 300U);
}

}  // namespace
}  // namespace tandem::test
