// The other end of an invitation: a node that is no member yet waits for the one that made its
// token, whose key the token names, and shows that it has it. Nobody else gets as far as a frame.
//
// Any thread may call it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "common/base/guarded.h"
#include "common/crypto/join_token.h"
#include "common/replication/link.h"

namespace tandem {

class Joiner final : public LinkHandler {
 public:
  /// `keep` makes a member of the inviter; durable before it returns.
  Joiner(const JoinToken& token, const KeyPin& own, std::function<Status()> keep)
      : inviter_(token.inviter), own_(own), key_(token.key()), keep_(std::move(keep)) {}

  /// What came of it; nothing while nobody came. Fails: kRefused when the inviter does not take the
  /// token, and whatever keeping failed with.
  [[nodiscard]] std::optional<Status> outcome() const { return *outcome_.lock(); }

  void on_open(const std::shared_ptr<LinkPeer>& /*peer*/) override {}

  void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) override;

  void on_writable(const std::shared_ptr<LinkPeer>& /*peer*/) override {}

  void on_close(const std::shared_ptr<LinkPeer>& peer, std::string_view reason) override;

 private:
  void answer(LinkPeer& peer, const JoinOfferFrame& offer);
  void judge(LinkPeer& peer, const JoinGrantFrame& grant);
  void join(LinkPeer& peer);
  void end(LinkPeer& peer, Status outcome, std::string_view why);

  const KeyPin inviter_;
  const KeyPin own_;
  const JoinKey key_;
  const std::function<Status()> keep_;
  Guarded<std::map<const LinkPeer*, JoinExchange>> exchanges_;  // of streams that made an offer
  mutable Guarded<std::optional<Status>> outcome_;
};

}  // namespace tandem
