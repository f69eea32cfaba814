// NOTIFY (RFC 1996), from both sides, and the question that goes with it: which serial does a
// server have? Messages from and to values; no sockets, no signatures.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/zone/serial.h"
#include "common/zone/zone.h"

namespace tandem {

/// Tells that `zone` is there in this version, whose SOA is in the answer section (RFC 1996 s3.7).
[[nodiscard]] Octets notify_request(const Zone& zone, std::uint16_t id);
/// Reads what a server says to that. Fails: kRefused when it does not take it, in words with the
/// rcode; kCorrupt for what is no such answer.
Status check_notify_answer(OctetSpan answer);

/// Asks for the zone's SOA, without recursion.
[[nodiscard]] Octets soa_question(NameView zone, std::uint16_t id);
/// The serial of `zone` that the server answers with. Fails: kRefused when it has no such zone, in
/// words with the rcode or what is missing; kCorrupt for what is no such answer.
Result<Serial> serial_of_answer(OctetSpan answer, NameView zone);

/// A NOTIFY that came.
struct IncomingNotify {
  Name zone;
  std::optional<Serial> serial;  // a hint from whoever can forge an address (RFC 1996 s3.11)
};

/// Reads a NOTIFY request about a zone of class IN; OPT and TSIG records in it are not looked at.
/// Fails: kInvalid, for which FORMERR is the answer.
Result<IncomingNotify> read_notify(OctetSpan message);

}  // namespace tandem
