// A whole message as plain values: for the control plane and the tests. The data plane uses
// query_view.h instead.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/dns/header.h"
#include "common/dns/name.h"
#include "common/dns/types.h"

namespace tandem {

struct Question {
  Name name;
  RrType type{};
  RrClass rr_class = RrClass::kIn;
};

struct MessageRecord {
  Name owner;
  RrType type{};
  RrClass rr_class = RrClass::kIn;
  std::uint32_t ttl = 0;
  Octets rdata;  // uncompressed; valid for the type unless it is a meta type or a foreign class
};

struct Message {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;  // header.h: kFlag..., opcode, rcode
  std::vector<Question> questions;
  std::vector<MessageRecord> answers;
  std::vector<MessageRecord> authorities;
  std::vector<MessageRecord> additionals;

  [[nodiscard]] Rcode rcode() const noexcept { return static_cast<Rcode>(flags & 0xfU); }
};

/// Reads one message with nothing left over. Fails: kInvalid.
Result<Message> parse_message(OctetSpan wire);

/// Writes with owner names and the names of NS, CNAME, SOA, PTR and MX compressed. Fails: kTooLarge
/// above `limit`.
Result<Octets> write_message(const Message& message, std::size_t limit = 65535);

}  // namespace tandem
