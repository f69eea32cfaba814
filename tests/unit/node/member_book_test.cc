// The file of members: what is written is read again, what cannot be read is not lost.
#include "common/node/member_book.h"

#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace tandem {
namespace {

namespace fs = std::filesystem;

KeyPin pin(std::uint8_t octet) {
  KeyPin out;
  out.digest.fill(octet);
  return out;
}

Member member(std::uint8_t key, const std::string& dial) {
  return {.pins = {pin(key)}, .dial = dial, .ns = {}, .node = {}};
}

MemberList sample() {
  MemberList list;
  list.listen = {"192.0.2.1:7953", "[2001:db8::1]:7953"};
  list.members = {{.pins = {pin(1), pin(2)},
                   .dial = "[2001:db8::2]:7953",
                   .ns = "ns2.example.net.",
                   .node = NodeId{{1, 2, 3}}},
                  member(3, "")};
  list.invitations = {{.at = "cloud.example.net:7953",
                       .ns = "ns3.example.net.",
                       .until = WallTime(std::chrono::microseconds(1'760'000'000'000'001)),
                       .tries_left = 3,
                       .sealed_key = {1, 2, 3, 0, 255}}};
  return list;
}

class MemberBookTest : public testing::Test {
 protected:
  MemberBookTest() {
    std::string made = (fs::temp_directory_path() / "tandem_book_XXXXXX").string();
    folder_ = ::mkdtemp(made.data());
  }

  ~MemberBookTest() override { fs::remove_all(folder_); }

  void write(const std::string& text) const { std::ofstream(folder_ / "members") << text; }

  static Status put_one(MemberBook& book) {
    return book.change([](MemberList& list) { return list.put(member(1, "192.0.2.1:1")); });
  }

  fs::path folder_;
};

TEST(MemberListTest, ReadsWhatItWrites) {
  const auto again = MemberList::from_text(sample().to_text());
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(*again, sample());
}

TEST(MemberListTest, SaysWhichLineIsWrong) {
  const std::string good = "member pin:" + pin(1).to_text();
  for (const std::string& line :
       std::vector<std::string>{"member", "member dial:192.0.2.1:1", "member pin:SHA256:abc",
                                "nonsense", "listen ", "member pin", "invitation at:192.0.2.1:1",
                                "invitation at:a:1 key:***", "invitation at:a:1 key:AAAA tries:x",
                                "invitation at:a:1 key:AAAA until:99999999999999999999",
                                good + " more:1", good + " node:12"}) {
    const auto read = MemberList::from_text("# first\n" + line + "\n");
    ASSERT_FALSE(read) << line;
    EXPECT_EQ(read.error().code, Errc::kCorrupt);
    EXPECT_TRUE(read.error().detail.starts_with("2: ")) << read.error().detail;
  }
}

TEST(MemberListTest, ANewNodeTakesThePlaceOfTheOneAtItsAddress) {
  MemberList list;
  ASSERT_TRUE(list.put(member(1, "192.0.2.1:1")));
  ASSERT_TRUE(list.put(member(2, "192.0.2.2:1")));
  ASSERT_TRUE(list.put(member(3, "192.0.2.1:1")));
  EXPECT_EQ(list.pins(), (std::vector{pin(2), pin(3)}));
  ASSERT_TRUE(list.put(member(2, "192.0.2.9:1")));  // it has moved
  EXPECT_EQ(list.dialled(), (std::vector<std::string>{"192.0.2.1:1", "192.0.2.9:1"}));
  ASSERT_TRUE(list.put(member(4, "")));
  ASSERT_TRUE(list.put(member(5, "")));  // no address is not the same address
  EXPECT_EQ(list.members.size(), 4U);
}

TEST(MemberListTest, IsBounded) {
  MemberList list;
  for (std::size_t i = 0; i < MemberList::kMaxMembers; ++i) {
    ASSERT_TRUE(list.put(member(static_cast<std::uint8_t>(i), "")));
  }
  const Status put = list.put(member(200, ""));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Errc::kTooLarge);
}

TEST_F(MemberBookTest, KeepsWhatWasChangedAndNobodyElseReadsIt) {
  MemberBook book(folder_);
  ASSERT_TRUE(book.load());
  EXPECT_FALSE(has_member_book(folder_));
  ASSERT_TRUE(put_one(book));
  EXPECT_TRUE(has_member_book(folder_));
  struct stat found{};
  ASSERT_EQ(::stat((folder_ / "members").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  MemberBook again(folder_);
  ASSERT_TRUE(again.load());
  EXPECT_EQ(again.list(), book.list());
  EXPECT_TRUE(again.list().has(pin(1)));
}

TEST_F(MemberBookTest, AChangeThatFailsChangesNothing) {
  MemberBook book(folder_);
  const Status changed = book.change([](MemberList& list) -> Status {
    list.members.push_back(member(1, ""));
    return fail(Errc::kRefused, "no");
  });
  EXPECT_FALSE(changed);
  EXPECT_TRUE(book.list().members.empty());
  EXPECT_FALSE(has_member_book(folder_));
}

TEST_F(MemberBookTest, WhatCannotBeStoredIsNotThere) {
  MemberBook book(folder_ / "missing");
  EXPECT_FALSE(put_one(book));
  EXPECT_TRUE(book.list().members.empty());
}

TEST_F(MemberBookTest, WhatCannotBeReadIsNotWrittenOver) {
  write("member nonsense\n");
  MemberBook book(folder_);
  const Status loaded = book.load();
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().detail.find("members: 1: "), std::string::npos);
  const Status changed = put_one(book);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Errc::kCorrupt);
  std::string kept;
  std::getline(std::ifstream(folder_ / "members"), kept);
  EXPECT_EQ(kept, "member nonsense");
}

}  // namespace
}  // namespace tandem
