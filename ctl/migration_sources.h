// Where zones come from: each function asks one kind of server, or reads what one left behind, and
// gives all that it has, with what cannot come and why.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/crypto/tsig_key.h"
#include "ctl/http_client.h"
#include "ctl/moved_zone.h"
#include "ctl/tcp_stream.h"

namespace tandem {

/// What to take of a source that has many zones.
struct MoveChoice {
  std::vector<Name> zones;  // empty: all that a primary would have
  Signatures signatures = Signatures::kKeep;

  /// The zone was named, or none was.
  [[nodiscard]] bool wants(const Name& zone) const;
  /// The zone was named: then it comes even where others like it stay.
  [[nodiscard]] bool names(const Name& zone) const;
};

/// Lists among the left out which named zones `migration` has nothing of.
void tell_of_missing(const MoveChoice& choice, Migration& migration);

/// axfr_source.cc. Fails: what the server or the network has against it.
Result<Migration> migrate_by_axfr(const Name& zone, const HostPort& server,
                                  const std::optional<TsigKey>& key, Signatures signatures,
                                  std::chrono::seconds step_limit);

/// bind_source.cc: from BIND's configuration and its zone files. Fails: the configuration cannot be
/// read.
Result<Migration> migrate_from_named_conf(const std::filesystem::path& file,
                                          const MoveChoice& choice);

/// folder_source.cc: from the zone files of a folder, whose names are their zones'. Fails: it
/// cannot be read.
Result<Migration> migrate_from_folder(const std::filesystem::path& folder,
                                      const MoveChoice& choice);

/// powerdns_source.cc: from PowerDNS's HTTP API.
Result<Migration> migrate_from_powerdns(const HttpServer& server, const std::string& api_key,
                                        const MoveChoice& choice, std::chrono::seconds step_limit);

/// technitium_source.cc: from Technitium's HTTP API.
Result<Migration> migrate_from_technitium(const HttpServer& server, const std::string& token,
                                          const MoveChoice& choice,
                                          std::chrono::seconds step_limit);

}  // namespace tandem
