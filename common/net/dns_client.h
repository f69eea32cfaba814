// Asks other servers: one question with one answer (SOA, NOTIFY), or a request with a series of
// messages (AXFR, IXFR); over UDP, TCP or TLS (XoT, RFC 9103); signed where the peer has a key.
//
// Thread rule: any thread asks. Answers come on the client's own thread and must not block it; a
// series has a thread for itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/crypto/node_key.h"
#include "common/crypto/tsig_key.h"
#include "common/net/address.h"
#include "common/net/tls.h"

namespace tandem {

struct DnsPeer {
  SocketAddress address;
  std::optional<SocketAddress> from;  // to ask from; port 0: any
  TsigKeyPtr key;                     // null: unsigned
  std::optional<TlsPeer> tls;         // then everything goes over TLS
};

struct AskOptions {
  std::chrono::milliseconds timeout{2'000};  // of the first try; each further one has twice as long
  unsigned tries = 3;  // over UDP; over TCP and TLS there is one, which has as long as all of them
  bool over_tcp = false;
};

struct SeriesOptions {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds idle{30'000};  // between two messages
  std::chrono::milliseconds in_all{3'600'000};
};

class DnsClient {
 public:
  /// `key`: what this node shows to TLS servers that ask for a certificate. Requires: `clock`
  /// outlives it.
  DnsClient(const NodeKey& key, const Clock& clock);
  DnsClient(const DnsClient&) = delete;
  DnsClient& operator=(const DnsClient&) = delete;
  /// Stops.
  ~DnsClient();

  /// What is going on ends with kUnavailable; nothing is called after it. Waits for what is being
  /// called, so that it is not for those to call it. Idempotent.
  void stop();

  using Answer = std::move_only_function<void(Result<Octets>)>;

  /// Sends `message`, which has an id and no signature, and gives the answer that is for it: same
  /// id, question and, when signed, a good signature, which is taken off. A truncated answer over
  /// UDP is asked for again over TCP. Over UDP what is not for it is not listened to, which anybody
  /// may have sent. `kAsksAtOnce` go on at once, `kAsksOfOneHost` of them with one address, others
  /// wait. Fails: kTimeout, kIo with the system's words, kRefused when a TLS server is not who it
  /// should be, kRefused and kCorrupt as TsigVerifier, kInvalid for a message that is no request or
  /// a CA's file that cannot be read, kUnavailable when too many wait or the client stops.
  void ask(const DnsPeer& peer, Octets message, const AskOptions& options, Answer answer);

  /// Called with each message of a series, verified, its signature taken off. True: it was the
  /// last one.
  using TakeMessage = std::move_only_function<Result<bool>(OctetSpan message)>;
  using Ended = std::move_only_function<void(Status)>;

  /// Sends `request` over TCP or TLS and hands in what comes until `take` has enough or fails. With
  /// a key `take` may see messages whose signature comes only later: what it makes of them counts
  /// when `ended` says that all is good. Whether a message is an answer at all is for `take` to
  /// say. Both are called on the series' own thread, and may block (a zone is being built); no more
  /// is read meanwhile. `kSeriesAtOnce` go on at once, others wait. `ended` fails as ask(), and as
  /// `take` did.
  void run_series(const DnsPeer& peer, Octets request, const SeriesOptions& options,
                  TakeMessage take, Ended ended);

  static constexpr std::size_t kAsksAtOnce = 256;
  /// So that one server that goes silent, and is asked for many zones, leaves places to the others.
  static constexpr std::size_t kAsksOfOneHost = kAsksAtOnce - kAsksAtOnce / 4;
  static constexpr std::size_t kSeriesAtOnce = 4;
  static constexpr std::size_t kMostWaiting = 100'000;  // of either; more are not taken

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem
