// Records that go by themselves: when it is time, once, by a change that says so.
#include "primary/record_expirer.h"

#include "common/dns/rdata.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

class RecordExpirerTest : public WriterTest {
 protected:
  std::int64_t now() const {
    return std::chrono::floor<std::chrono::seconds>(clock_.wall()).time_since_epoch().count();
  }

  void add(std::string_view owner, std::int64_t expires) {
    RecordEdit edit;
    edit.owner = *Name::from_text(owner, name(kZone));
    edit.type = RrType::kA;
    edit.rdatas = {*rdata_from_text(RrType::kA, "192.0.2.5")};
    edit.note.expires = expires;
    ASSERT_TRUE(change(*writer_, plan_edits(name(kZone), {edit})));
  }

  bool has(std::string_view owner) {
    return log_.answered(kZone)->find_rrset(name(owner), RrType::kA).has_value();
  }
};

TEST_F(RecordExpirerTest, TakesAwayWhatIsDueAndNothingElse) {
  start_with_zone();
  add("soon", now() + 10);
  add("later", now() + 100);
  RecordExpirer expirer(*log_, *writer_);
  const std::uint64_t head = log_.head();
  expirer.check();
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.2")));
  EXPECT_EQ(log_.head(), head + 1) << "nothing was due";
  clock_.advance(std::chrono::seconds(10));
  const auto release = hold_writer();
  expirer.check();
  expirer.check();  // it is on its way
  release->set_value();
  ASSERT_TRUE(eventually([&] { return !has("soon.example."); }));
  EXPECT_TRUE(has("later.example."));
  EXPECT_EQ(entry(log_.head()).actor.name, "expiry");
  ASSERT_TRUE(change(*writer_, set_address(kZone, "a", "192.0.2.3")));
  EXPECT_EQ(log_.head(), head + 3);
}

TEST_F(RecordExpirerTest, TriesAgainAfterARefusal) {
  start_with_zone();
  add("soon", now() + 10);
  clock_.advance(std::chrono::seconds(10));
  RecordExpirer expirer(*log_, *writer_);
  writer_->set_read_only("not now");
  expirer.check();
  writer_->set_read_only("");
  ASSERT_TRUE(eventually([&] {
    expirer.check();
    return !has("soon.example.");
  }));
}

}  // namespace
}  // namespace tandem::test
