// A request that the control plane answers, whose signature, if there was one, is good; and the way
// back to who sent it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "common/base/clock.h"
#include "common/crypto/tsig.h"
#include "common/dns/query_view.h"
#include "common/dns/transfer_form.h"
#include "common/net/request_queue.h"
#include "common/query/engine.h"

namespace tandem {

/// The way back, with what the answer repeats of the question. To be answered once; one thread at a
/// time.
class RequestReply {
 public:
  /// `request` loses its answer(). Requires: `engine` and `clock` outlive it.
  RequestReply(ReceivedRequest& request, const QueryView& query, const QueryEngine& engine,
               const Clock& clock);

  void sign_with(std::shared_ptr<TsigSigner> signer) { signer_ = std::move(signer); }

  /// What a signature takes of an answer.
  [[nodiscard]] std::size_t signature_octets() const noexcept;

  /// The most octets that the client takes, signature included; no less than 512.
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

  /// Of a transfer, and of any answer that is written as one. `expire_seconds`: told when
  /// `query` asks for it (RFC 7314).
  [[nodiscard]] TransferForm form(const QueryView& query,
                                  std::optional<std::uint32_t> expire_seconds) const;
  /// Signs the messages of a transfer one after the other; empty: they go unsigned.
  [[nodiscard]] std::function<void(Octets&)> signing() const;

  /// Nothing but the rcode; of an update, that is all there is (RFC 2136 s3.8).
  void send(Rcode rcode) { send_head(static_cast<std::uint16_t>(rcode)); }

  /// Nothing but AA: a NOTIFY that is taken (RFC 1996 s4.7).
  void send_authoritative() { send_head(kFlagAa); }

  /// Nothing but that the answer is too long for UDP.
  void send_truncated() { send_head(kFlagTc); }

  void send(Octets message);

  /// An answer that somebody else has made and signed.
  void send_as_it_is(Octets message) { answer_({.message = std::move(message)}); }

  /// Requires: the request came by TCP.
  void send(std::unique_ptr<AnswerStream> stream) {
    answer_({.message = {}, .stream = std::move(stream)});
  }

 private:
  void send_head(std::uint16_t flags);

  std::move_only_function<void(RequestAnswer)> answer_;
  Octets head_;
  std::size_t limit_;
  const Clock* clock_;
  std::optional<EdnsReply> edns_;
  std::shared_ptr<TsigSigner> signer_;
};

struct AcceptedRequest {
  ReceivedRequest request;
  QueryView query;  // of request.message
  RequestReply reply;
  std::optional<Name> key;
  Octets request_id;  // the same for a retransmission; empty: nobody can tell
};

}  // namespace tandem
