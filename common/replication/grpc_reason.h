// gRPC's error messages in the words of people who run the link.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tandem {

enum class LinkPhase : std::uint8_t { kDialling, kOpen };

/// What `message` means for a stream that was in `phase`: short, printable ASCII on one line.
[[nodiscard]] std::string link_reason(std::string_view message, LinkPhase phase);

}  // namespace tandem
