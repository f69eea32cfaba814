// An UPDATE message (RFC 2136 s2) as plain values: what must be so, and what to change. Its form is
// checked here as far as no zone is needed for that.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "common/base/bytes.h"
#include "common/dns/name.h"
#include "common/dns/types.h"

namespace tandem {

/// Why an update is not made: what the client gets and what the log says.
struct UpdateRefusal {
  Rcode rcode = Rcode::kFormErr;
  std::string reason;
};

/// A refusal as a result: `return refuse(Rcode::kNotZone, "{} is outside", name);`
template <class... Args>
[[nodiscard]] std::unexpected<UpdateRefusal> refuse(Rcode rcode, fmt::format_string<Args...> text,
                                                    Args&&... args) {
  return std::unexpected(UpdateRefusal{rcode, fmt::format(text, std::forward<Args>(args)...)});
}

/// RFC 2136 s2.4.
struct UpdatePrerequisite {
  enum class Kind : std::uint8_t {
    kNameInUse,
    kNameNotInUse,
    kRrSetExists,
    kRrSetDoesNotExist,
    kRrSetHas,  // together with the others of its name and type: the set is exactly these records
  };

  Kind kind{};
  Name owner;
  RrType type{};
  Octets rdata;  // of kRrSetHas
};

/// RFC 2136 s2.5.
struct UpdateStep {
  enum class Kind : std::uint8_t { kAdd, kDeleteRrSet, kDeleteName, kDeleteRecord };

  Kind kind{};
  Name owner;
  RrType type{};
  std::uint32_t ttl = 0;  // of kAdd
  Octets rdata;           // of kAdd and kDeleteRecord; uncompressed, valid for the type
};

struct UpdateMessage {
  Name zone;
  std::vector<UpdatePrerequisite> prerequisites;
  std::vector<UpdateStep> steps;
  // What is wrong with the steps. It counts once the prerequisites are met (RFC 2136 s3.4 comes
  // after s3.2); `steps` is then of no use.
  std::optional<UpdateRefusal> bad_step;
};

/// More records than this in one message are refused: no client sends so many, and all of them are
/// held against one another.
constexpr std::size_t kMaxUpdateRecords = 4096;

/// Reads a message of opcode UPDATE. Fails: FORMERR; NOTAUTH for another class than IN; NOTZONE for
/// a prerequisite outside of the zone; REFUSED above kMaxUpdateRecords.
[[nodiscard]] std::expected<UpdateMessage, UpdateRefusal> read_update(OctetSpan message);

}  // namespace tandem
