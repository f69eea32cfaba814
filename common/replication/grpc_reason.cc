#include "common/replication/grpc_reason.h"

#include <algorithm>
#include <array>

namespace tandem {
namespace {

constexpr std::size_t kMaxReason = 512;

struct Meaning {
  std::string_view part;  // of gRPC's message
  std::string_view says;
};

constexpr std::string_view kTurnedAway =
    "closed by the other side in the handshake; does it pin this node's key?";

constexpr std::array kDiallingMeanings{
    Meaning{"Socket closed", kTurnedAway},
    Meaning{"Connection reset by peer", kTurnedAway},
    Meaning{"Connection refused", "connection refused: nothing listens there"},
    Meaning{"tcp handshaker shutdown", "no answer within 5 s"},
    Meaning{"CANCELLED", "no answer within 15 s"},
};

constexpr std::array kOpenMeanings{
    Meaning{"Socket closed", "connection lost"},
    Meaning{"Connection reset by peer", "connection lost"},
    Meaning{"keepalive watchdog timeout", "connection lost: the peer is silent"},
};

/// gRPC tells what it did before it tells what happened.
constexpr std::array<std::string_view, 3> kPreambles{
    "last error: ", "check failed with error: UNAUTHENTICATED: ", "Tls handshake failed: "};

template <class Table>
std::string_view meaning_of(std::string_view message, const Table& table) {
  const auto* const found = std::ranges::find_if(table, [message](const Meaning& meaning) {
    return message.find(meaning.part) != std::string_view::npos;
  });
  return found == table.end() ? std::string_view() : found->says;
}

std::string_view without_preambles(std::string_view message) {
  for (const std::string_view preamble : kPreambles) {
    if (const std::size_t at = message.find(preamble); at != std::string_view::npos) {
      message.remove_prefix(at + preamble.size());
    }
  }
  return message;
}

}  // namespace

std::string link_reason(std::string_view message, LinkPhase phase) {
  const std::string_view known = phase == LinkPhase::kDialling
                                     ? meaning_of(message, kDiallingMeanings)
                                     : meaning_of(message, kOpenMeanings);
  if (!known.empty()) {
    return std::string(known);
  }
  std::string out(without_preambles(message).substr(0, kMaxReason));
  std::ranges::replace_if(out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace tandem
