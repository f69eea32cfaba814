// One open invitation: dials its address until somebody there shows that the token is theirs. What
// answers there may be anybody, so nothing but the exchange of crypto/join_token.h is said to it.
//
// Any thread may call it, but for its end: that is not for its own calls of Options' functions.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.h"
#include "common/base/guarded.h"
#include "common/crypto/join_token.h"
#include "common/replication/grpc_link.h"

namespace tandem {

class Inviter final : public LinkHandler {
 public:
  struct Options {
    NodeKey key;
    std::string at;  // HOST:PORT
    JoinKey join_key{};
    /// Makes a member of who has this key and has shown the token; durable before it returns.
    /// Fails: when the invitation is no longer open.
    std::function<Status(const KeyPin&)> accept;
    /// The new member has been told, and there is nothing more to do.
    std::function<void()> on_done;
    /// Somebody answered without the token.
    std::function<void(const LinkPeer&)> on_wrong;
  };

  Inviter(Options options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

  /// Fails: kInvalid for an address that cannot be dialled.
  Status start();
  /// To be called every second or so: lets go of who does not answer.
  void look();
  /// Why there is no member yet; empty: nothing is known.
  [[nodiscard]] std::string detail() const;

  void on_open(const std::shared_ptr<LinkPeer>& peer) override;
  void on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) override;

  void on_writable(const std::shared_ptr<LinkPeer>& /*peer*/) override {}

  void on_close(const std::shared_ptr<LinkPeer>& peer, std::string_view reason) override;

 private:
  /// The one stream there is: an address is dialled once at a time.
  struct Stream {
    std::shared_ptr<LinkPeer> peer;
    JoinNonce nonce{};
    MonotonicTime since;
  };

  /// The nonce of `peer`'s stream, which counts once.
  std::optional<JoinNonce> take_nonce(const LinkPeer& peer);
  void judge(LinkPeer& peer, const JoinAnswerFrame& answer);
  void refuse(LinkPeer& peer, std::string_view why);

  const Options options_;
  const Clock& clock_;
  Guarded<Stream> stream_;
  mutable Guarded<std::string> refusal_;  // what the last one was refused for
  std::unique_ptr<GrpcLink> link_;        // the last member: it ends before what it calls
};

}  // namespace tandem
