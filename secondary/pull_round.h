// One look at the primaries of a zone: all are asked for their serial; the zone is then taken from
// one that has a newer one, from the next where that fails.
//
// Pure: it knows no servers, only their places in the zone's list. One thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "common/zone/serial.h"

namespace tandem {

class PullRound {
 public:
  /// `have`: the serial that is there; nothing: any is welcome, also an older one.
  PullRound(std::size_t primaries, std::optional<Serial> have)
      : primaries_(primaries), have_(have) {}

  /// A primary has the zone with this serial.
  void answered(std::size_t primary, Serial serial);
  /// A primary did not answer, or not well, or the zone did not come from it.
  void failed(std::size_t primary);
  /// From now on this serial is there, taken from that primary.
  void took(std::size_t primary, Serial serial);

  /// From whom to take the zone now: who has the newest serial, the first of the list among equals.
  /// Nothing: from nobody, as far as is known.
  [[nodiscard]] std::optional<std::size_t> best() const;

  [[nodiscard]] bool has_all_answers() const;

  /// Whether a primary showed that what is there is the newest there is.
  [[nodiscard]] bool has_contact() const noexcept { return has_contact_; }

  /// A serial older than what is there, while no primary has that or a newer one.
  [[nodiscard]] std::optional<Serial> older() const;

 private:
  struct Primary {
    enum class State { kAsked, kHasIt, kDone };
    State state = State::kAsked;
    Serial serial = 0;
  };

  std::vector<Primary> primaries_;
  std::optional<Serial> have_;
  std::optional<Serial> older_;
  bool has_contact_ = false;
};

}  // namespace tandem
