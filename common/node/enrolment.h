// Who is a member: opens invitations and lets members go. The members themselves are in the book.
//
// Any thread may call it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/crypto/join_token.h"
#include "common/crypto/node_key.h"
#include "common/node/inviter.h"
#include "common/node/link_hub.h"
#include "common/node/member_book.h"
#include "common/node/strand.h"

namespace tandem {

class Enrolment {
 public:
  static constexpr std::chrono::hours kOpenFor{1};
  static constexpr unsigned kTries = 5;

  struct Options {
    std::filesystem::path folder;    // of the keys
    NodeKey key;                     // of the link
    std::vector<KeyPin> configured;  // keys of other nodes that the configuration names
    /// Sends a frame to every node that is connected.
    std::function<void(const Frame&)> tell_all;
    /// A member shows other keys than before: these may speak, streams stay.
    std::function<void()> on_keys;
    /// A member has come, or one has gone, which is then this node if it was ever met: the link is
    /// to be made anew. On a thread that may wait.
    std::function<void(std::optional<NodeId> gone)> on_change;
  };

  /// All but `options` outlive it.
  Enrolment(Options options, MemberBook& book, const SecretSealer& sealer, const Clock& clock);
  Enrolment(const Enrolment&) = delete;
  Enrolment& operator=(const Enrolment&) = delete;
  ~Enrolment();

  /// Goes on with the invitations that are open.
  void start();
  void stop();
  /// To be called every second or so with all peers that are known: ends what is over, and notes
  /// which node a member is.
  void look(const std::vector<PeerStatus>& peers);

  struct Invited {
    JoinToken token;
    WallTime until;
  };

  /// Opens an invitation, in the place of one for the same address, and dials there until it is
  /// used or over. `ns`: the new member's name in NS records, or nothing. Fails: kInvalid for an
  /// address that cannot be dialled, kTooLarge, and what keeping it fails with.
  Result<Invited> invite(const std::string& at, const std::string& ns);

  /// What this node is known by.
  [[nodiscard]] NodeKey key() const;

  /// Makes a new key, has every other node store it, and changes to it; invitations that are open
  /// end, since they name the old one. May be tried again where it failed: the new key is the same
  /// then. Waits for `within` at most. Returns the new pin. Fails: kUnavailable with the nodes that
  /// are not connected, kTimeout, kIo.
  Result<KeyPin> rotate(const std::vector<PeerStatus>& peers,
                        std::chrono::milliseconds within = std::chrono::seconds(10));
  /// The node of key `of` may show `pins` from here on.
  Status take_keys(const KeyPin& of, const std::vector<KeyPin>& pins);
  /// The node of key `by` has stored our `pins`.
  void keys_taken(const KeyPin& by, const std::vector<KeyPin>& pins);

  /// Ends the membership of the one whose node id, key, address or NS name this is. Fails:
  /// kNotFound.
  Result<Member> remove(std::string_view who, const std::vector<PeerStatus>& peers);

  [[nodiscard]] const MemberBook& book() const noexcept { return book_; }

  /// Why the invitation has not been taken yet; may be empty.
  [[nodiscard]] std::string detail_of(const Invitation& invitation) const;

 private:
  using InvitationId = Octets;  // Invitation::sealed_key, which no other one has

  Status open(const Invitation& invitation, const JoinKey& key);
  Status accept(const InvitationId& id, const KeyPin& pin);
  void burn_try(const InvitationId& id, const LinkPeer& by);
  void end_later(const InvitationId& id);
  Status end_where(const std::function<bool(const Invitation&)>& is_over, std::string_view why);
  [[nodiscard]] Status check_all_connected(const std::vector<PeerStatus>& peers) const;
  Status tell_and_wait(const std::vector<PeerStatus>& peers, const KeysFrame& keys,
                       std::chrono::milliseconds within);
  void note_peers(const std::vector<PeerStatus>& peers);
  void end_over();

  const Options options_;
  MemberBook& book_;
  const SecretSealer& sealer_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  NodeKey key_;                              // guarded by mutex_
  std::vector<KeyPin> announced_;            // what is being told to the others; guarded by mutex_
  std::vector<KeyPin> taken_by_;             // who has stored that; guarded by mutex_
  std::condition_variable someone_took_it_;  // with mutex_
  std::map<InvitationId, std::shared_ptr<Inviter>> inviters_;  // guarded by mutex_
  std::atomic<bool> is_told_ = false;                          // that the book takes no change
  /// Ends inviters, which their own threads cannot, and makes the link anew.
  Worker worker_{Worker::Pace::kPrompt};
};

}  // namespace tandem
