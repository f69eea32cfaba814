// The other nodes that may speak to this one, as enrolment made them known, and the invitations
// that are open. Kept in the file `members` of the data folder, beside the node's key, so that a
// node knows its peers before it opens its store, and also when that has to be filled anew.
//
//   file       := line*                      what begins with # is for people
//   line       := "listen" ADDR:PORT         where `join` listened
//               | "member" word*             pin:PIN (some), dial:HOST:PORT, ns:NAME, node:HEX
//               | "invitation" word*         at:HOST:PORT, ns:NAME, until:MICROSECONDS, tries:N,
//               key:BASE64
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/crypto/node_key.h"
#include "common/log/position.h"

namespace tandem {

struct Member {
  std::vector<KeyPin> pins;    // several while it changes its key
  std::string dial;            // HOST:PORT; empty: it dials
  std::string ns;              // its name in NS records; empty: not said
  std::optional<NodeId> node;  // once it was met

  friend bool operator==(const Member&, const Member&) = default;
};

struct Invitation {
  std::string at;  // HOST:PORT, which is dialled
  std::string ns;
  WallTime until;
  unsigned tries_left = 0;
  Octets sealed_key;  // the JoinKey, by the node's SecretSealer

  friend bool operator==(const Invitation&, const Invitation&) = default;
};

struct MemberList {
  static constexpr std::size_t kMaxMembers = 64;
  static constexpr std::size_t kMaxPins = 4;  // of one member
  static constexpr std::size_t kMaxInvitations = 8;

  std::vector<std::string> listen;  // ADDR:PORT
  std::vector<Member> members;
  std::vector<Invitation> invitations;

  friend bool operator==(const MemberList&, const MemberList&) = default;
  [[nodiscard]] std::string to_text() const;
  /// Fails: kCorrupt with the line.
  static Result<MemberList> from_text(std::string_view text);

  [[nodiscard]] std::vector<KeyPin> pins() const;  // of all members
  [[nodiscard]] bool has(const KeyPin& pin) const;
  [[nodiscard]] std::vector<std::string> dialled() const;
  /// Takes the place of the member with that key, and of those dialled at the same address: only
  /// one node can be there. Fails: kTooLarge.
  Status put(Member member);
};

/// Any thread may call it.
class MemberBook {
 public:
  explicit MemberBook(const std::filesystem::path& folder) : file_(folder / "members") {}

  /// Reads the file; there need not be one. Fails: kCorrupt with file and line, kIo. The book is
  /// empty then and takes no change, so that nothing is lost before a human has looked.
  Status load();

  [[nodiscard]] MemberList list() const;

  /// Durable before it returns. Fails: what `edit` fails with, and nothing has changed then; kIo,
  /// kNoSpace.
  Status change(const std::function<Status(MemberList&)>& edit);

 private:
  const std::filesystem::path file_;
  mutable std::mutex mutex_;
  MemberList list_;         // guarded by mutex_
  std::string unreadable_;  // why it is; guarded by mutex_
};

/// Whether enrolment left a book in that data folder.
[[nodiscard]] bool has_member_book(const std::filesystem::path& folder);

}  // namespace tandem
