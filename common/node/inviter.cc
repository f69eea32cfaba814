#include "common/node/inviter.h"

#include "common/base/logging.h"
#include "common/base/random.h"

namespace tandem {
namespace {

/// Dialled rarely, since it may be for an hour, and often enough that a human does not wait.
constexpr std::chrono::milliseconds kRedialMost{2'000};
constexpr std::chrono::seconds kAnswerWithin{10};

}  // namespace

Status Inviter::start() {
  GrpcLinkOptions options;
  options.key = options_.key;
  options.takes_any_key = true;
  options.dial = {options_.at};
  options.redial_max = kRedialMost;
  link_ = TRY(GrpcLink::start(options, *this));
  return {};
}

void Inviter::look() {
  std::shared_ptr<LinkPeer> late;
  {
    auto stream = stream_.lock();
    if (stream->peer != nullptr && clock_.monotonic() - stream->since > kAnswerWithin) {
      late = stream->peer;
    }
  }
  if (late != nullptr) {
    refuse(*late, "no answer to the invitation");
  }
}

std::string Inviter::detail() const {
  if (std::string refusal = *refusal_.lock(); !refusal.empty()) {
    return refusal;
  }
  const std::vector<DialState> dialling = link_->dialling();
  return dialling.empty() ? std::string() : dialling.front().last_error;
}

void Inviter::on_open(const std::shared_ptr<LinkPeer>& peer) {
  const auto nonce = random_array<32>();
  *stream_.lock() = {peer, nonce, clock_.monotonic()};
  peer->send(JoinOfferFrame{nonce});
}

void Inviter::on_frame(const std::shared_ptr<LinkPeer>& peer, Frame frame) {
  if (const auto* const answer = std::get_if<JoinAnswerFrame>(&frame)) {
    judge(*peer, *answer);
  } else if (const auto* const bye = std::get_if<ByeFrame>(&frame)) {
    peer->close(fmt::format("the peer says: {}", bye->reason));
  } else if (std::holds_alternative<HelloFrame>(frame)) {
    refuse(*peer, "the node there does not join: it serves already");
  } else {
    refuse(*peer, "no answer to an invitation");
  }
}

std::optional<JoinNonce> Inviter::take_nonce(const LinkPeer& peer) {
  auto stream = stream_.lock();
  if (stream->peer.get() != &peer) {
    return std::nullopt;
  }
  stream->peer = nullptr;
  return stream->nonce;
}

void Inviter::judge(LinkPeer& peer, const JoinAnswerFrame& answer) {
  const auto nonce = take_nonce(peer);
  if (!nonce) {
    return refuse(peer, "a second answer");
  }
  const JoinExchange exchange{.inviter = options_.key.pin,
                              .joiner = peer.pin(),
                              .inviter_nonce = *nonce,
                              .joiner_nonce = answer.nonce};
  if (!is_join_proof(answer.proof, options_.join_key, JoinSide::kJoiner, exchange)) {
    refuse(peer, "its token is not the one of this invitation");
    return options_.on_wrong(peer);
  }
  if (const Status accepted = options_.accept(peer.pin()); !accepted) {
    return refuse(peer, accepted.error().detail);
  }
  log_info("member joined address={} key={}", options_.at, peer.pin().to_text());
  peer.send(JoinGrantFrame{join_proof(options_.join_key, JoinSide::kInviter, exchange)});
  peer.close("joined");
  options_.on_done();
}

void Inviter::refuse(LinkPeer& peer, std::string_view why) {
  log_warn("invitation not taken address={} key={} reason=\"{}\"", options_.at,
           peer.pin().to_text(), why);
  *refusal_.lock() = why;
  peer.send(ByeFrame{std::string(why)});
  peer.close(why);
}

void Inviter::on_close(const std::shared_ptr<LinkPeer>& peer, std::string_view /*reason*/) {
  static_cast<void>(take_nonce(*peer));
}

}  // namespace tandem
