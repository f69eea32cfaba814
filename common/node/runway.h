// How long a node can go on alone: until a zone expires for want of contact, until signatures made
// elsewhere end, until a certificate does. Pure: time is given.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace tandem {

enum class RunwayKind : std::uint8_t { kExpire, kSignature, kCertificate };
inline constexpr std::size_t kRunwayKinds = 3;

/// `expire`, `signature`, `certificate`.
[[nodiscard]] std::string_view to_text(RunwayKind kind) noexcept;

struct Runway {
  RunwayKind kind = RunwayKind::kExpire;
  std::string what;  ///< The zone's name, or the certificate's file.
  WallTime end;
  std::chrono::seconds left{0};  ///< Negative: it is over.
  unsigned used = 0;             ///< Percent of the time, 100 at the end and after it.

  /// 0, 50, 75 or 90: what of `used` a human is told.
  [[nodiscard]] unsigned level() const noexcept;
  /// One line: what ends, when, and in how long.
  [[nodiscard]] std::string to_text() const;
};

/// Of a zone that is good for `left` seconds without another contact, of the `expire` (RFC 1035
/// s3.3.13) that there are right after one.
[[nodiscard]] Runway expire_runway(std::string zone, std::uint32_t expire, std::uint32_t left,
                                   WallTime now);

/// Of what is good from one time to another. It is renewed well before its end by whoever makes it:
/// the time that is used up is that of the last third alone, in which it is late.
[[nodiscard]] Runway dated_runway(RunwayKind kind, std::string what, WallTime from, WallTime until,
                                  WallTime now);

/// All runways of a node, as far as anybody asks.
class Runways {
 public:
  void add(Runway runway);

  /// Null: there is none, the node can go on for ever.
  [[nodiscard]] const Runway* shortest() const noexcept;
  [[nodiscard]] const std::optional<Runway>& shortest(RunwayKind kind) const noexcept;

  /// Those with a level, the shortest ones first.
  [[nodiscard]] std::vector<Runway> short_ones() const;

 private:
  std::array<std::optional<Runway>, kRunwayKinds> shortest_;
  std::vector<Runway> short_;
};

}  // namespace tandem
