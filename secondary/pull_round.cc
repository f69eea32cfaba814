#include "secondary/pull_round.h"

#include <algorithm>

namespace tandem {

void PullRound::answered(std::size_t primary, Serial serial) {
  Primary& asked = primaries_[primary];
  asked = {Primary::State::kHasIt, serial};
  if (!have_ || is_newer(serial, *have_)) {
    return;
  }
  asked.state = Primary::State::kDone;
  if (serial == *have_) {
    has_contact_ = true;
  } else {
    older_ = serial;
  }
}

void PullRound::failed(std::size_t primary) {
  primaries_[primary].state = Primary::State::kDone;
}

void PullRound::took(std::size_t primary, Serial serial) {
  have_ = serial;
  has_contact_ = true;
  failed(primary);
  for (Primary& other : primaries_) {
    if (other.state == Primary::State::kHasIt && !is_newer(other.serial, serial)) {
      other.state = Primary::State::kDone;
    }
  }
}

std::optional<std::size_t> PullRound::best() const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < primaries_.size(); ++i) {
    if (primaries_[i].state == Primary::State::kHasIt &&
        (!best || is_newer(primaries_[i].serial, primaries_[*best].serial))) {
      best = i;
    }
  }
  return best;
}

bool PullRound::has_all_answers() const {
  return std::ranges::none_of(
      primaries_, [](const Primary& primary) { return primary.state == Primary::State::kAsked; });
}

std::optional<Serial> PullRound::older() const {
  return has_contact_ ? std::nullopt : older_;
}

}  // namespace tandem
