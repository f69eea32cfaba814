// Where a node is in a log: epoch, sequence and chain digest. A serial cannot tell two histories
// apart; this can.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/encoding.h"

namespace tandem {

using Digest256 = std::array<std::uint8_t, 32>;

/// A random 128-bit identity; `Tag` keeps the kinds apart.
template <class Tag>
struct Id128 {
  std::array<std::uint8_t, 16> octets{};

  friend bool operator==(const Id128&, const Id128&) = default;
  friend auto operator<=>(const Id128&, const Id128&) = default;

  [[nodiscard]] bool is_zero() const noexcept { return *this == Id128{}; }

  [[nodiscard]] std::string to_text() const { return to_hex(octets); }

  /// Requires: 16 octets.
  static Id128 from(OctetSpan wire) noexcept {
    Id128 id;
    std::memcpy(id.octets.data(), wire.data(), id.octets.size());
    return id;
  }
};

using NodeId = Id128<struct NodeIdTag>;
using ClusterId = Id128<struct ClusterIdTag>;
using SecretId = Id128<struct SecretIdTag>;
/// The incarnation of a zone: a zone deleted and created again under the same name has another one.
/// All zero stands for the state of the cluster itself.
using ZoneId = Id128<struct ZoneIdTag>;
using RequestKey = Id128<struct RequestKeyTag>;  // see request_key.h

/// Cluster log: replicated. Local log: this node's own (zones it alone pulls or loads), never sent.
enum class LogId : std::uint8_t { kCluster = 0, kLocal = 1 };

struct Epoch {
  std::uint64_t number = 0;
  NodeId leader;

  friend bool operator==(const Epoch&, const Epoch&) = default;
  friend auto operator<=>(const Epoch&, const Epoch&) = default;
};

struct Position {
  Epoch epoch;
  std::uint64_t sequence = 0;  // of the last entry; 0 before the first
  Digest256 chain{};  // SHA-256(chain before, octets of the last entry); zeros before the first

  friend bool operator==(const Position&, const Position&) = default;
};

/// Where each epoch of a log began, oldest first.
struct EpochStartPoint {
  Epoch epoch;
  std::uint64_t sequence = 0;  // of its first entry

  friend bool operator==(const EpochStartPoint&, const EpochStartPoint&) = default;
};

using EpochTable = std::vector<EpochStartPoint>;

}  // namespace tandem
