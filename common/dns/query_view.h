// A query as the data plane sees it: views into the datagram, nothing copied, nothing allocated, no
// exception.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/dns/edns.h"
#include "common/dns/header.h"
#include "common/dns/name.h"
#include "common/dns/types.h"

namespace tandem {

enum class ParseStatus : std::uint8_t {
  kOk,
  kDrop,  // no header, or an answer: never answer an answer
  kFormErr,
  kUpdate,       // RFC 2136: header, zone, OPT and TSIG were read; update_message.h reads the rest
  kNotify,       // RFC 1996: the same, and transfer/notify.h
  kOtherOpcode,  // only the header and an OPT record were looked at
};

struct QueryView {
  OctetSpan message;
  Header header;
  NameView name;  // the question's, case as sent; uncompressed by necessity
  RrType type{};
  RrClass rr_class{};
  std::size_t question_end =
      kHeaderOctets;  // octets of header and question; 12 when there is no good question
  EdnsQuery edns;
  std::size_t tsig_at = 0;  // where in the message the TSIG record starts; 0: there is none

  std::optional<std::uint32_t> known_serial;  // of an IXFR: what the client has (RFC 1995 s3)

  [[nodiscard]] bool has_tsig() const noexcept { return tsig_at != 0; }

  /// Whether it asks for a zone, whole (AXFR, RFC 5936) or what changed in it (IXFR, RFC 1995).
  [[nodiscard]] bool is_transfer() const noexcept {
    return (type == RrType::kAxfr || type == RrType::kIxfr) && rr_class == RrClass::kIn &&
           edns.version == 0;
  }
};

/// Reads header, question (of an update: the zone section) and additional section. Everything that
/// `out` says is true also when the status is kFormErr, as far as parsing got.
[[nodiscard]] ParseStatus parse_query(OctetSpan message, QueryView& out) noexcept;

}  // namespace tandem
