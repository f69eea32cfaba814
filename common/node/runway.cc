#include "common/node/runway.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace tandem {
namespace {

using std::chrono::seconds;

constexpr std::size_t kToSeconds = 19;  // octets of a time up to its fraction
constexpr int kRenewedIn = 3;  // the part of its time, the last one, in which something is renewed

unsigned percent(std::int64_t part, std::int64_t whole) noexcept {
  return whole <= 0 ? 100
                    : static_cast<unsigned>(std::clamp<std::int64_t>(part * 100 / whole, 0, 100));
}

/// `3d 4h`, `4h 5m`, `5m 6s`, `6s`.
std::string short_time(seconds time) {
  const std::int64_t all = time.count();
  const std::int64_t days = all / 86'400;
  const std::int64_t hours = all / 3'600 % 24;
  const std::int64_t minutes = all / 60 % 60;
  return days > 0      ? fmt::format("{}d {}h", days, hours)
         : hours > 0   ? fmt::format("{}h {}m", hours, minutes)
         : minutes > 0 ? fmt::format("{}m {}s", minutes, all % 60)
                       : fmt::format("{}s", all);
}

}  // namespace

std::string_view to_text(RunwayKind kind) noexcept {
  switch (kind) {
    case RunwayKind::kExpire:
      return "expire";
    case RunwayKind::kSignature:
      return "signature";
    case RunwayKind::kCertificate:
      return "certificate";
  }
  return "expire";
}

unsigned Runway::level() const noexcept {
  return used >= 90 ? 90 : used >= 75 ? 75 : used >= 50 ? 50 : 0;
}

std::string Runway::to_text() const {
  const std::string second = tandem::to_text(end).substr(0, kToSeconds) + "Z";
  const std::string when = left.count() > 0 ? fmt::format("{}, in {}", second, short_time(left))
                                            : fmt::format("{}: that is over", second);
  switch (kind) {
    case RunwayKind::kExpire:
      return fmt::format("zone {} expires without another contact at {}", what, when);
    case RunwayKind::kSignature:
      return fmt::format("the first signature of zone {} ends at {}", what, when);
    case RunwayKind::kCertificate:
      return fmt::format("the certificate of {} ends at {}", what, when);
  }
  return when;
}

Runway expire_runway(std::string zone, std::uint32_t expire, std::uint32_t left, WallTime now) {
  return {.kind = RunwayKind::kExpire,
          .what = std::move(zone),
          .end = now + seconds(left),
          .left = seconds(left),
          .used = percent(std::int64_t{expire} - left, expire)};
}

Runway dated_runway(RunwayKind kind, std::string what, WallTime from, WallTime until,
                    WallTime now) {
  const auto left = std::chrono::floor<seconds>(until - now);
  const auto part = std::chrono::floor<seconds>(until - from) / kRenewedIn;
  return {.kind = kind,
          .what = std::move(what),
          .end = until,
          .left = left,
          .used = percent((part - left).count(), part.count())};
}

void Runways::add(Runway runway) {
  if (runway.level() > 0) {
    short_.push_back(runway);
  }
  std::optional<Runway>& shortest = shortest_.at(static_cast<std::size_t>(runway.kind));
  if (!shortest || runway.left < shortest->left) {
    shortest = std::move(runway);
  }
}

const Runway* Runways::shortest() const noexcept {
  const Runway* found = nullptr;
  for (const std::optional<Runway>& each : shortest_) {
    if (each && (found == nullptr || each->left < found->left)) {
      found = &*each;
    }
  }
  return found;
}

const std::optional<Runway>& Runways::shortest(RunwayKind kind) const noexcept {
  return shortest_[static_cast<std::size_t>(kind)];
}

std::vector<Runway> Runways::short_ones() const {
  std::vector<Runway> out = short_;
  std::ranges::sort(out, {}, [](const Runway& each) {
    return std::pair(each.left, std::string_view(each.what));
  });
  return out;
}

}  // namespace tandem
