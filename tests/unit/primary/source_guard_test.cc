// Zones that are taken from elsewhere take nothing else, and keep the serial that they have there.
#include "common/node/setting_plans.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

constexpr std::string_view kPrimary = "192.0.2.1:53";

class SourceGuardTest : public WriterTest {
 protected:
  void take_from(std::string_view source) {
    Setting setting{SettingKind::kSource, std::string(kZone), std::string(source)};
    ASSERT_TRUE(change(*writer_, plan_setting({std::move(setting), {}})));
  }

  /// What comes from there.
  Result<Receipt> pull(Planner plan) {
    std::promise<Result<Receipt>> promise;
    ChangeRequest request;
    request.plan = std::move(plan);
    request.done = [&promise](Result<Receipt> result) { promise.set_value(std::move(result)); };
    request.is_from_source = true;
    writer_->submit(std::move(request));
    return promise.get_future().get();
  }

  static Planner as_given(ZonePtr content) {
    return [content = std::move(content)](const TableDraft& zones) -> Result<Plan> {
      const ZoneId id = zones.find(name(kZone))->id;
      return Plan{{ContentReplacement{id, content, Serials::kAsGiven}}, id, {}};
    };
  }

  void expect_refused(Planner plan) {
    const std::uint64_t head = log_.head();
    const auto refused = change(*writer_, std::move(plan));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::kRefused);
    EXPECT_NE(refused.error().detail.find(kPrimary), std::string::npos) << refused.error().detail;
    EXPECT_EQ(log_.head(), head);
  }
};

TEST_F(SourceGuardTest, EveryOtherChangeOfSuchAZoneIsRefusedAndNamesThePrimaries) {
  start_with_zone();
  take_from(kPrimary);
  expect_refused(set_address(kZone, "a", "192.0.2.2"));
  expect_refused(plan_import(name(kZone), zone("b A 192.0.2.9\n"), IfMissing::kRefuse));
  expect_refused(plan_delete(name(kZone)));
  RecordEdit note;
  note.operation = RecordEdit::Operation::kNote;
  note.owner = name("a.example.");
  note.type = RrType::kA;
  note.note.comment = "here";
  expect_refused(plan_edits(name(kZone), {note}));
  EXPECT_EQ(serial(), 1U);
}

TEST_F(SourceGuardTest, ItCannotBeMadeByHandEither) {
  writer_->start();
  take_from(kPrimary);
  expect_refused(plan_create(name(kZone), {}, zone("a A 192.0.2.1\n")));
}

TEST_F(SourceGuardTest, OptionsAndOtherZonesAreFree) {
  start_with_zone();
  take_from(kPrimary);
  EXPECT_TRUE(change(*writer_, plan_options(name(kZone), [](ZoneOptions& options) {
    options.serve_after_expire = true;
  })));
  EXPECT_TRUE(change(*writer_, plan_create(name("other."), {}, nullptr)));
}

TEST_F(SourceGuardTest, SourcesOfTheConfigurationCountToo) {
  writer_ = std::make_unique<Writer>(*log_, sealer_of_node(1), node_id(1),
                                     ZoneSources({{std::string(kZone), std::string(kPrimary)}}));
  writer_->start();
  expect_refused(plan_create(name(kZone), {}, zone("a A 192.0.2.1\n")));
}

TEST_F(SourceGuardTest, NothingComesFromASourceThatIsNoneAnyMore) {
  start_with_zone();
  const auto refused = pull(as_given(zone("b A 192.0.2.9\n")));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kConflict);
}

TEST_F(SourceGuardTest, ASerialAsGivenStaysAlsoWhenItIsOlder) {
  start_with_zone();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2." + std::to_string(i + 20))));
  }
  ASSERT_EQ(serial(), 4U);
  take_from(kPrimary);
  const auto taken = pull(as_given(zone("b A 192.0.2.9\n")));
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->serial, 1U);
  EXPECT_EQ(serial(), 1U);
  writer_.reset();
  log_.restart();
  EXPECT_EQ(serial(), 1U);
}

TEST_F(SourceGuardTest, ALargeContentKeepsItsSerialToo) {
  start_with_zone();
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.3")));
  take_from(kPrimary);
  ASSERT_TRUE(pull(as_given(zone(large_lines("text")))));
  EXPECT_EQ(serial(), 1U);
  EXPECT_TRUE(std::holds_alternative<ZoneReplace>(entry(log_.head()).changes.at(0).kind));
}

TEST_F(SourceGuardTest, AContentThatIsRefusedDoesNotKeepTheSerialOfItsGroup) {
  start_with_zone();
  const auto release = hold_writer();
  auto refused = submit([](const TableDraft& zones) -> Result<Plan> {
    Plan plan = *as_given(zone("b A 192.0.2.9\n"))(zones);
    plan.changes.emplace_back(
        Change{plan.zone, RecordChange{changeset("not-there 60 IN A 192.0.2.1\n", ""), {}}});
    return plan;
  });
  auto edited = submit(set_address(kZone, "a", "192.0.2.3"));
  release->set_value();
  EXPECT_FALSE(refused.get());
  ASSERT_TRUE(edited.get());
  EXPECT_EQ(serial(), 2U);
}

}  // namespace
}  // namespace tandem::test
