// Until when pulled zones are good (RFC 1035 s3.3.13, RFC 7314), also over restarts.
#include "secondary/pull_contacts.h"

#include <gtest/gtest.h>

#include "common/store/memory_store.h"
#include "tests/support/zone_text.h"

namespace tandem::test {
namespace {

using std::chrono::seconds;
using Kind = PullContacts::Kind;

class PullContactsTest : public ::testing::Test {
 protected:
  void restart() { contacts_ = std::make_unique<PullContacts>(store_, clock_); }

  std::optional<seconds> left() const { return contacts_->left(name("Example.")); }

  ManualClock clock_;
  MemoryStore store_;
  std::unique_ptr<PullContacts> contacts_ = std::make_unique<PullContacts>(store_, clock_);
};

TEST_F(PullContactsTest, AContactIsGoodForTheExpireOfTheSoa) {
  EXPECT_EQ(left(), std::nullopt);
  contacts_->on_contact(name("example."), Kind::kTransferred, seconds(100), std::nullopt);
  EXPECT_EQ(left(), seconds(100));
  clock_.advance(seconds(101));
  EXPECT_EQ(left(), seconds(-1));
  contacts_->on_contact(name("example."), Kind::kCurrent, seconds(100), std::nullopt);
  EXPECT_EQ(left(), seconds(100));
}

TEST_F(PullContactsTest, AfterATransferTheOptionCountsUpToTheSoa) {
  contacts_->on_contact(name("example."), Kind::kTransferred, seconds(100), 40);
  EXPECT_EQ(left(), seconds(40));
  contacts_->on_contact(name("example."), Kind::kTransferred, seconds(100), 4000);
  EXPECT_EQ(left(), seconds(100));
}

TEST_F(PullContactsTest, TheOptionOfWhoHasNothingNewerNeverShortensTheTime) {
  contacts_->on_contact(name("example."), Kind::kTransferred, seconds(100), std::nullopt);
  clock_.advance(seconds(30));
  contacts_->on_contact(name("example."), Kind::kCurrent, seconds(100), 50);
  EXPECT_EQ(left(), seconds(70));
  contacts_->on_contact(name("example."), Kind::kCurrent, seconds(100), 90);
  EXPECT_EQ(left(), seconds(90));
}

TEST_F(PullContactsTest, AWrongTimeOfDayDoesNotMatterWhileItRuns) {
  contacts_->on_contact(name("example."), Kind::kCurrent, seconds(100), std::nullopt);
  clock_.step_wall(seconds(5000));
  EXPECT_EQ(left(), seconds(100));
}

TEST_F(PullContactsTest, ARestartKeepsTheTime) {
  contacts_->on_contact(name("example."), Kind::kCurrent, seconds(100), std::nullopt);
  contacts_->keep();
  clock_.advance(seconds(60));
  restart();
  EXPECT_EQ(left(), seconds(40));
  contacts_->begin(name("example."), seconds(1000));
  EXPECT_EQ(left(), seconds(40));
}

TEST_F(PullContactsTest, ItIsWrittenOnceAMinute) {
  contacts_->on_contact(name("example."), Kind::kCurrent, seconds(100), std::nullopt);
  contacts_->keep();
  clock_.advance(seconds(59));
  contacts_->on_contact(name("example."), Kind::kCurrent, seconds(100), std::nullopt);
  contacts_->keep();
  restart();
  EXPECT_EQ(left(), seconds(41));
  contacts_->on_contact(name("example."), Kind::kCurrent, seconds(100), std::nullopt);
  contacts_->keep_now();
  restart();
  EXPECT_EQ(left(), seconds(100));
}

TEST_F(PullContactsTest, AZoneThatIsForgottenHasNoTime) {
  contacts_->on_contact(name("example."), Kind::kCurrent, seconds(100), std::nullopt);
  contacts_->keep_now();
  contacts_->forget(name("example."));
  EXPECT_EQ(left(), std::nullopt);
  contacts_->keep_now();
  restart();
  EXPECT_EQ(left(), std::nullopt);
}

}  // namespace
}  // namespace tandem::test
