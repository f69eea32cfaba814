#include "common/net/http_unix_socket.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

class UnixSocket : public ::testing::Test {
 public:
  void SetUp() override {
    std::string made = ::testing::TempDir() + "socketXXXXXX";
    folder = ::mkdtemp(made.data());
  }

  void TearDown() override { std::filesystem::remove_all(folder); }

  [[nodiscard]] std::string path() const { return folder / "api.sock"; }

  /// A socket file that nobody listens on any more.
  void leave_stale_file() const {
    {
      const auto first = HttpUnixSocket::listen(path());
      ASSERT_TRUE(first.has_value());
      std::filesystem::rename(path(), path() + ".kept");
    }
    std::filesystem::rename(path() + ".kept", path());
  }

  std::filesystem::path folder;
};

TEST_F(UnixSocket, LetsOwnerAndGroupIn) {
  const auto listening = HttpUnixSocket::listen(path());
  ASSERT_TRUE(listening.has_value()) << listening.error().detail;
  struct stat found{};
  ASSERT_EQ(::stat(path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0660U);
}

TEST_F(UnixSocket, RemovesItsFileAtTheEnd) {
  {
    ASSERT_TRUE(HttpUnixSocket::listen(path()).has_value());
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(UnixSocket, LeavesTheFileOfAnotherOneThere) {
  {
    const auto listening = HttpUnixSocket::listen(path());
    ASSERT_TRUE(listening.has_value());
    std::filesystem::rename(path(), path() + ".kept");
    std::ofstream(path()) << "another's";
  }
  EXPECT_TRUE(std::filesystem::exists(path()));
}

TEST_F(UnixSocket, ReplacesWhatADeadProcessLeft) {
  leave_stale_file();
  ASSERT_TRUE(std::filesystem::is_socket(path()));
  const auto listening = HttpUnixSocket::listen(path());
  EXPECT_TRUE(listening.has_value()) << listening.error().detail;
}

TEST_F(UnixSocket, RefusesToReplaceALiveOne) {
  const auto first = HttpUnixSocket::listen(path());
  const auto second = HttpUnixSocket::listen(path());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().detail,
            path() + " is in use by another process: is a node running on this data folder?");
  EXPECT_TRUE(std::filesystem::is_socket(path()));
}

TEST_F(UnixSocket, RefusesToReplaceWhatIsNoSocket) {
  std::ofstream(path()) << "precious";
  const auto listening = HttpUnixSocket::listen(path());
  ASSERT_FALSE(listening.has_value());
  EXPECT_EQ(listening.error().detail, path() + " is there and is no socket: move it away");
  EXPECT_TRUE(std::filesystem::exists(path()));
}

TEST_F(UnixSocket, ListensAtAPathLongerThanAnAddressHasRoomFor) {
  const std::filesystem::path deep = folder / std::string(60, 'a') / std::string(60, 'b');
  std::filesystem::create_directories(deep);
  const std::string longer = deep / "api.sock";
  {
    const auto listening = HttpUnixSocket::listen(longer);
    ASSERT_TRUE(listening.has_value()) << listening.error().detail;
    EXPECT_TRUE(std::filesystem::is_socket(longer));
    const auto second = HttpUnixSocket::listen(longer);
    ASSERT_FALSE(second.has_value());
    EXPECT_THAT(second.error().detail, ::testing::HasSubstr("is in use by another process"));
  }
  EXPECT_FALSE(std::filesystem::exists(longer));
}

TEST_F(UnixSocket, SaysWhenTheFolderOfALongPathIsNotThere) {
  const std::string nowhere = folder / std::string(120, 'x') / "api.sock";
  const auto listening = HttpUnixSocket::listen(nowhere);
  ASSERT_FALSE(listening.has_value());
  EXPECT_EQ(listening.error().detail,
            "cannot open the folder of the socket " + nowhere + ": No such file or directory");
}

TEST_F(UnixSocket, SaysWhenTheFolderIsNotThere) {
  const std::string nowhere = folder / "none" / "api.sock";
  const auto listening = HttpUnixSocket::listen(nowhere);
  ASSERT_FALSE(listening.has_value());
  EXPECT_EQ(listening.error().detail,
            "cannot make the socket " + nowhere + ": No such file or directory");
}

}  // namespace
}  // namespace tandem
