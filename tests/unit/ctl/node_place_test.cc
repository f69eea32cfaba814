// Which node tandemctl asks.
#include "ctl/node_place.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class NodePlace : public ::testing::Test {
 public:
  void SetUp() override {
    std::string made = ::testing::TempDir() + "placeXXXXXX";
    folder = ::mkdtemp(made.data());
  }

  void TearDown() override { fs::remove_all(folder); }

  void write_config(std::string_view text) {
    std::ofstream(folder / "t.toml") << text;
    arguments.config = folder / "t.toml";
  }

  fs::path folder;
  Arguments arguments;
};

TEST_F(NodePlace, IsTheSystemsFolderWhenNothingSaysMore) {
  EXPECT_EQ(data_folder(arguments, std::nullopt).value(), "/var/lib/tandem");
  EXPECT_EQ(data_folder(arguments, "").value(), "/var/lib/tandem");
  EXPECT_EQ(api_socket(arguments, std::nullopt).value(), "/var/lib/tandem/api.sock");
}

TEST_F(NodePlace, FlagsWinOverTheFileAndTheFileOverTheEnvironment) {
  EXPECT_EQ(data_folder(arguments, "/env").value(), "/env");
  write_config("data = \"/file\"\n");
  EXPECT_EQ(data_folder(arguments, "/env").value(), "/file");
  arguments.data = "/flag";
  EXPECT_EQ(data_folder(arguments, "/env").value(), "/flag");
  arguments.socket = "/run/s";
  EXPECT_EQ(api_socket(arguments, "/env").value(), "/run/s");
}

TEST_F(NodePlace, RelativeFolderOfAFileIsBesideIt) {
  write_config("data = \"data\"\n");
  EXPECT_EQ(data_folder(arguments, std::nullopt).value(), folder / "data");
}

TEST_F(NodePlace, SaysWhatAFileLacks) {
  write_config("listen = []\n");
  EXPECT_THAT(data_folder(arguments, std::nullopt).error().detail,
              HasSubstr("names no data folder"));
}

TEST_F(NodePlace, SaysWhereAFileIsNoToml) {
  write_config("data = \"x\"\nlisten = [\n");
  EXPECT_THAT(data_folder(arguments, std::nullopt).error().detail, HasSubstr("t.toml:"));
}

}  // namespace
}  // namespace tandem
