#include "common/node/secondary_check.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "common/base/random.h"
#include "common/transfer/notify.h"

namespace tandem {
namespace {

constexpr AskOptions kAsking{
    .timeout = std::chrono::milliseconds(1000), .tries = 2, .over_tcp = false};

/// Lives until the last answer is there.
struct Check {
  std::vector<CheckedZone> zones;
  std::atomic<std::size_t> open;
  std::function<void(std::vector<CheckedZone>)> done;
};

std::string problem_of(const Error& error) {
  switch (error.code) {
    case Errc::kRefused:
      return error.detail + ": set the zone up there, with this server as its primary";
    case Errc::kCorrupt:
      return error.detail + ": look at its key, and at what answers there";
    default:
      return error.detail + ": look at the address, firewalls, and whether it runs";
  }
}

void take(CheckedZone& zone, const Result<Octets>& answer) {
  const auto serial = answer ? serial_of_answer(*answer, zone.zone)
                             : Result<Serial>(std::unexpected(answer.error()));
  if (!serial) {
    zone.problem = problem_of(serial.error());
    return;
  }
  zone.serves = *serial;
  if (is_newer(zone.ours, *serial)) {
    zone.problem = fmt::format(
        "it has serial {}, ours is {}: it has to be let have the zone (AXFR), and to take NOTIFY "
        "from here",
        *serial, zone.ours);
  } else if (*serial != zone.ours) {
    zone.problem = fmt::format(
        "it has serial {}, which ours, {}, is not newer than: it takes nothing from here before "
        "that; raise ours, or delete the zone there",
        *serial, zone.ours);
  }
}

}  // namespace

Status check_secondary(const AskServer& ask, const KeyRing& keys, const OutsideSecondary& secondary,
                       const std::vector<ZoneRecordPtr>& zones,
                       std::function<void(std::vector<CheckedZone>)> done) {
  if (secondary.notify.empty()) {
    return fail(Errc::kInvalid, "there is no address to ask: it has no notify:ADDRESS");
  }
  DnsPeer peer;
  peer.from = secondary.via;
  if (secondary.key) {
    peer.key = keys.find(*secondary.key);
    if (peer.key == nullptr) {
      return fail(Errc::kNotFound, "there is no key {} here: make it first, or import it",
                  secondary.key->to_text());
    }
  }
  const std::size_t zone_count = std::min(zones.size(), kMostCheckedZones);
  const std::size_t address_count = std::min(secondary.notify.size(), kMostCheckedAddresses);
  auto check = std::make_shared<Check>();
  check->done = std::move(done);
  for (std::size_t i = 0; i < address_count; ++i) {
    for (std::size_t z = 0; z < zone_count; ++z) {
      check->zones.push_back({zones[z]->name.view(),
                              secondary.notify[i].to_text(),
                              zones[z]->zone->serial(),
                              std::nullopt,
                              {}});
    }
  }
  if (check->zones.empty()) {
    check->done({});
    return {};
  }
  const std::size_t count = check->zones.size();  // they go with the last answer
  check->open = count;
  for (std::size_t i = 0; i < count; ++i) {
    peer.address = secondary.notify[i / zone_count];
    const std::uint16_t id = random_u16();
    ask(peer, soa_question(check->zones[i].zone, id), kAsking, [check, i](Result<Octets> answer) {
      take(check->zones[i], answer);
      if (check->open.fetch_sub(1, std::memory_order_acq_rel) == 1) {  // sees all answers
        check->done(std::move(check->zones));
      }
    });
  }
  return {};
}

}  // namespace tandem
