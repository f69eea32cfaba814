#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/crypto/tsig.h"
#include "common/crypto/tsig_answer.h"
#include "common/dns/transfer_request.h"
#include "ctl/axfr_reader.h"
#include "ctl/migration_sources.h"

namespace tandem {
namespace {

std::uint64_t seconds_now() {
  return tsig_time(SystemClock());
}

/// One message with its length in front (RFC 1035 s4.2.2).
Status send(TcpStream& stream, const Octets& message) {
  Octets framed;
  append_be(framed, static_cast<std::uint16_t>(message.size()));
  append(framed, message);
  return stream.write(framed);
}

Result<Octets> receive(TcpStream& stream) {
  std::array<std::uint8_t, 2> length{};
  TRYV(stream.read(length));
  Octets message(load_be16(length.data()));
  TRYV(stream.read(message));
  return message;
}

}  // namespace

bool MoveChoice::names(const Name& zone) const {
  return std::ranges::find(zones, zone) != zones.end();
}

bool MoveChoice::wants(const Name& zone) const {
  return zones.empty() || names(zone);
}

void tell_of_missing(const MoveChoice& choice, Migration& migration) {
  for (const Name& zone : choice.zones) {
    const std::string text = zone.to_text();
    if (std::ranges::find(migration.zones, zone, &MovedZone::name) == migration.zones.end() &&
        std::ranges::find(migration.left_out, text, &LeftOut::what) == migration.left_out.end()) {
      migration.left_out.push_back({text, "there is no such zone"});
    }
  }
}

Result<Migration> migrate_by_axfr(const Name& zone, const HostPort& server,
                                  const std::optional<TsigKey>& key, Signatures signatures,
                                  std::chrono::seconds step_limit) {
  const std::uint16_t id = random_u16();
  Octets request = axfr_request(zone, id);
  std::optional<TsigVerifier> verifier;
  if (key) {
    verifier.emplace(*key, sign_tsig_request(request, *key, seconds_now()));
  }
  MovedZoneBuilder builder(zone, fmt::format("{} port {} (AXFR)", server.host, server.port),
                           signatures);
  AxfrReader reader(id, std::move(verifier), builder);
  TcpStream stream = TRY(TcpStream::connect(server, step_limit));
  TRYV(send(stream, request));
  while (!reader.is_done()) {
    const Octets message = TRY(receive(stream));
    TRYV(reader.take(message, seconds_now()));
  }
  Migration migration;
  migration.zones.push_back(builder.finish());
  return migration;
}

}  // namespace tandem
