// Zone files named at the start: when they are loaded, and when what is there stays.
#include "common/node/zone_files.h"

#include <gmock/gmock.h>

#include "tests/unit/api/api_fixture.h"

namespace tandem::test {
namespace {

using ::testing::HasSubstr;

class ZoneFilesTest : public ApiTest {
 protected:
  void write(std::string_view text) {
    std::ofstream(folder_ / "example.zone")
        << "$TTL 60\n@ SOA ns1 h 5 1 1 1 1\n@ NS ns1\nns1 A 192.0.2.1\n"
        << text;
  }

  /// Loads what is due, and waits until it is stored.
  std::size_t load() {
    const std::size_t answered =
        load_zone_files(*node_, node_->cluster_log(), *writer_, [this] { ++not_now_; });
    static_cast<void>(change(*writer_, [](const TableDraft&) -> Result<Plan> { return Plan{}; }));
    return answered;
  }

  void restart_with_file() {
    files_ = {{name("example."), folder_ / "example.zone"}};
    stop();
    start(Role::kLeader);
  }

  [[nodiscard]] std::uint64_t records() const {
    const ZoneRecordPtr record = node_->cluster_log().table().find(name("example."));
    return record != nullptr && record->zone != nullptr ? record->zone->record_count() : 0;
  }

  /// The one alarm's text; empty when there is none.
  [[nodiscard]] std::string alarm() const {
    const std::vector<Alarm> alarms = node_->alarms().all();
    return alarms.empty() ? std::string() : alarms.front().what;
  }

  int not_now_ = 0;
};

TEST_F(ZoneFilesTest, AFileIsLoadedWhenTheZoneIsMissingAndWhenItIsAnotherThanLast) {
  write("a A 192.0.2.2\n");
  restart_with_file();
  EXPECT_EQ(load(), 1U);
  EXPECT_EQ(records(), 4U);
  const Position position = node_->cluster_log().table().position();
  EXPECT_EQ(load(), 1U);
  EXPECT_EQ(node_->cluster_log().table().position(), position) << "the same file changes nothing";
  write("a A 192.0.2.2\nb A 192.0.2.3\n");
  load();
  EXPECT_EQ(records(), 5U);
  EXPECT_TRUE(get("/zones/example").body.at("loaded_from").is_string());
}

TEST_F(ZoneFilesTest, SaysWhenAFileHasToWaitAndTakesItLater) {
  write("");
  restart_with_file();
  writer_->set_read_only("in doubt");
  EXPECT_EQ(load(), 1U) << "answered all the same";
  EXPECT_EQ(not_now_, 1);
  EXPECT_EQ(records(), 0U);
  writer_->set_read_only("");
  EXPECT_EQ(load(), 1U);
  EXPECT_EQ(not_now_, 1);
  EXPECT_EQ(records(), 3U);
}

TEST_F(ZoneFilesTest, AZoneThatWasChangedOtherwiseSinceStaysAsItIs) {
  write("");
  restart_with_file();
  load();
  ASSERT_TRUE(change(*writer_, set_address("example.", "mine", "192.0.2.9")));
  write("other A 192.0.2.3\n");
  EXPECT_EQ(load(), 1U);
  EXPECT_EQ(records(), 4U);
  EXPECT_EQ(get("/zones/example/records?name=mine").body.at("rrsets").as_array().size(), 1U);
}

TEST_F(ZoneFilesTest, ABadOrMissingFileLeavesWhatIsAnswered) {
  restart_with_file();
  EXPECT_EQ(load(), 0U) << "no file, no zone";
  EXPECT_THAT(alarm(), HasSubstr("example. is not loaded, nothing is answered: cannot read "));
  write("a A 192.0.2.2\n");
  EXPECT_EQ(load(), 1U);
  EXPECT_EQ(alarm(), "");
  write("a A nonsense\n");
  EXPECT_EQ(load(), 1U);
  EXPECT_EQ(records(), 4U);
  EXPECT_THAT(alarm(), HasSubstr("the version before is answered: "));
  EXPECT_THAT(alarm(), HasSubstr("example.zone:5:5: "));
  fs::remove(folder_ / "example.zone");
  EXPECT_EQ(load(), 1U);
  write("a A 192.0.2.2\n");
  EXPECT_EQ(load(), 1U);
  EXPECT_EQ(alarm(), "") << "the file that it has already";
}

ZoneText text_of(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

TEST(LoadZone, NamesTheIncludedFileWithWhatIsWrongWithTheZone) {
  const IncludeOpener include = [](std::string_view, std::string_view) {
    return Result<std::string>(std::string(40, '\n') + "w 60 CNAME ns1\n  60 A 192.0.2.3\n");
  };
  const LoadedZone loaded = load_zone(
      name("example."), text_of("@ 60 SOA ns1 h 5 1 1 1 1\n@ 60 NS ns1\n$INCLUDE inc.zone\n"),
      "outer.zone", include, ZoneLimits{});
  EXPECT_EQ(loaded.zone, nullptr);
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_TRUE(loaded.diagnostics[0].to_text().starts_with("inc.zone:42:3: w.example. has a CNAME"))
      << loaded.diagnostics[0].to_text();
}

TEST(LoadZone, NamesTheFileAloneWithWhatHasNoLine) {
  const LoadedZone loaded =
      load_zone(name("example."), text_of("a 60 A 192.0.2.1\n"), "z", nullptr, ZoneLimits{});
  ASSERT_FALSE(loaded.diagnostics.empty());
  EXPECT_TRUE(loaded.diagnostics[0].to_text().starts_with("z: example. has no SOA"))
      << loaded.diagnostics[0].to_text();
}

}  // namespace
}  // namespace tandem::test
