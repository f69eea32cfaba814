// Asks many servers many questions at once, and says of each what came: an answer, silence, a
// closed port. Nothing is asked twice elsewhere behind the caller's back, because what a server
// does not do is what is wanted here. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/edns.h"
#include "common/dns/message.h"
#include "ctl/tcp_stream.h"

namespace tandem {

/// How far a question came.
enum class Reach : std::uint8_t {
  kNotAsked,
  kAnswered,
  kSilent,   // nothing came in time
  kClosed,   // its machine says that nobody listens there, or the connection was ended
  kNoRoute,  // this machine has no way to that address, as without IPv6
  kGarbled,  // what came is no DNS message, or no answer to this question
};

enum class ProbeOver : std::uint8_t {
  kUdp,
  kTcp,
  kEither,  // UDP, and TCP when the answer is truncated
};

struct Probe {
  HostPort to;      // an address
  Message message;  // a question with an id, without an OPT record
  ProbeOver over = ProbeOver::kEither;

  /// The OPT record's: nothing, and there is none.
  struct Edns {
    std::uint8_t version = 0;
    std::uint16_t payload = kDefaultUdpPayload;
    bool wants_dnssec = false;
  };

  std::optional<Edns> edns = Edns();
};

struct ProbeReply {
  Reach reach = Reach::kNotAsked;
  Message message;  // of kAnswered; of a transfer the first message

  /// With the upper bits of its OPT record (RFC 6891 s6.1.3).
  [[nodiscard]] Rcode rcode() const;
  [[nodiscard]] const MessageRecord* opt() const;

  [[nodiscard]] bool has(std::uint16_t flag) const { return (message.flags & flag) != 0; }
};

struct ProbeLimits {
  std::chrono::milliseconds timeout{1'000};  // of each try over UDP
  unsigned tries = 3;                        // over TCP there is one, which has as long as all
};

/// A question as these all are.
[[nodiscard]] Message probe_question(const Name& name, RrType type, std::uint16_t flags = 0);

/// A reply for each of `probes`, in their order. At most `kProbesAtOnce` are under way. What comes
/// from elsewhere, or is for another question, is not listened to. Requires: addresses that
/// is_address() takes.
[[nodiscard]] std::vector<ProbeReply> probe_servers(const std::vector<Probe>& probes,
                                                    const ProbeLimits& limits);

constexpr std::size_t kProbesAtOnce = 128;

/// Whether `place` is an IP address, of either family.
[[nodiscard]] bool is_address(const HostPort& place);
/// `192.0.2.1:53`, `[2001:db8::1]:53`.
[[nodiscard]] std::string to_text(const HostPort& place);

}  // namespace tandem
