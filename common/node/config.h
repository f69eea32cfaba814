// What must be known before the store opens: from the command line, a TOML file, or both.
// Everything else is in the log and changed at run time. Flags and the file are this node's own and
// never replicated.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/logging.h"
#include "common/base/result.h"
#include "common/crypto/join_token.h"
#include "common/crypto/node_key.h"
#include "common/crypto/tsig_key.h"
#include "common/dns/stored_name.h"
#include "common/net/address.h"
#include "common/net/http_post.h"
#include "common/net/tcp_server.h"
#include "common/net/tls.h"
#include "common/node/outside_server.h"
#include "common/node/transfer_rule.h"
#include "common/node/update_rule.h"

namespace tandem {

struct ZoneFile {
  StoredName zone;
  std::string file;  // there are many: a path keeps its parts too
};

struct Config {
  std::filesystem::path data;
  std::vector<SocketAddress> listen;      // DNS over UDP and TCP
  std::vector<SocketAddress> listen_tls;  // DNS over TLS (RFC 7858)
  TlsFiles tls;                           // both empty: the node's own key
  std::size_t threads = 0;                // UDP workers per address; 0: one for each CPU
  std::vector<std::string> xdp;           // interfaces whose queries do not go through the kernel
  std::vector<ZoneFile> zones;
  std::vector<std::string> http;  // status and /metrics over TCP, nothing else
  std::vector<std::string> link_listen;
  std::vector<std::string> link_dial;
  std::vector<KeyPin> peer_keys;
  std::string nsid;           // empty: not told
  std::string version_text;   // version.bind CH TXT; empty: REFUSED
  std::string identity_text;  // id.server CH TXT; empty: REFUSED
  std::uint16_t udp_payload = 1232;
  TcpLimits tcp;
  TransferRules transfers;
  std::vector<TsigKey> tsig_keys;             // this node's own, beside those of the log
  std::vector<UpdateRule> update_rules;       // for all zones
  std::vector<OutsideSecondary> also_notify;  // told of changes, and nothing else
  std::vector<OutsideSecondary> secondaries;
  /// Zones that are taken from elsewhere, by setting_name(), with their primaries (ZoneSource).
  std::map<std::string, std::string, std::less<>> pulls;
  std::uint64_t pull_records = 20'000'000;  // of one transfer, at most
  std::uint64_t pull_octets = std::uint64_t{2} << 30U;
  std::vector<HttpUrl> tell_webhooks;      // who is told of events, by POST
  std::vector<std::string> tell_programs;  // and by running them
  std::chrono::hours log_keep{24 * 90};
  std::uint64_t log_keep_octets = std::uint64_t{1} << 30U;
  LogLevel log_level = LogLevel::kInfo;
  bool accept_clock = false;  // start although the last change is in the future
};

/// Reads a TOML file into `config`, over what is there. Unknown keys, wrong types and values are
/// errors. Fails: kInvalid, a line `FILE:LINE:COLUMN: what, and what was expected` for each
/// finding; kIo when it cannot be read. `config` is then as before.
Status read_config_file(const std::filesystem::path& file, Config& config);

/// Whether the other node's key has to be known already.
enum class LinkKeys : std::uint8_t { kAreKnown, kComeByJoining };

/// Checks what only the whole shows (a data folder, something to listen on, keys when there is a
/// link). Fails: kInvalid, a line for each finding.
Status check_config(const Config& config, LinkKeys keys = LinkKeys::kAreKnown);

/// `check-config FILE`: prints `FILE: good`, or every finding to standard error. Returns the exit
/// code: 0, 2 when it is wrong, 1 when a file that it names cannot be read.
[[nodiscard]] int print_config_check(const std::filesystem::path& file);

enum class Command : std::uint8_t { kServe, kJoin, kCheckConfig, kPrintAndExit };

struct CommandLine {
  Command command = Command::kServe;
  Config config;
  std::filesystem::path config_file;  // of kCheckConfig
  JoinToken token;                    // of kJoin
  bool serves = true;                 // also after kJoin
  int exit_code = 0;  // of kPrintAndExit: help and version were printed, or a usage error
};

/// `PROGRAM serve ...`, `PROGRAM join TOKEN ...`, `PROGRAM check-config FILE`, `--version`,
/// `--help`. Prints usage errors itself (exit code 2). Flags win over the file.
[[nodiscard]] CommandLine parse_command_line(std::string_view program, int argc,
                                             const char* const* argv);

}  // namespace tandem
