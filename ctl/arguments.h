// What tandemctl was told, as the command line has it: texts that nobody has checked yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tandem {

/// What the process ends with.
enum class ExitCode : std::uint8_t { kDone = 0, kFailed = 1, kUsage = 2 };

struct Arguments {
  // Which node.
  std::string data;
  std::string config;
  std::string socket;

  // How to ask and how to show.
  bool json = false;
  std::string reason;
  std::string request_id;
  std::string wait;                // whom a change waits for
  unsigned timeout_seconds = 300;  // without progress

  // What the commands name; each uses its own few.
  std::string zone;
  std::string name;
  std::string type;
  std::vector<std::string> ids;    // of orphans
  std::vector<std::string> words;  // [TTL] TYPE DATA..., or those of a rule
  std::string key;                 // its name; of another server, all of it
  std::string address;             // of somebody who asks, or the value of a named one
  std::string file;
  std::string origin;
  std::string output;
  std::string algorithm;
  std::string format;
  std::string keep;
  std::string shell;
  std::size_t count = 0;                // 0: the command's own default; a rule's number
  std::optional<std::uint64_t> before;  // an entry
  std::optional<std::uint32_t> serial;
  std::optional<std::uint32_t> from;
  std::optional<std::uint32_t> to;
  std::optional<std::uint64_t> entry;  // these three as the serials above them
  std::optional<std::uint64_t> from_entry;
  std::optional<std::uint64_t> to_entry;
  bool show_deleted = false;
  bool follow = false;
  bool show_records = false;
  bool replace = false;
  bool dry_run = false;
  bool planned = false;
  bool force = false;
  bool all = false;
  bool if_exists = false;

  // What is said about records. Absent: nothing.
  std::optional<std::string> comment;
  std::optional<std::string> expires;
  bool disable = false;
  bool enable = false;

  // Zones of another server: which one, and what it wants to see.
  std::string from_axfr;
  std::string from_named_conf;
  std::string from_powerdns;
  std::string from_technitium;
  std::string from_folder;
  std::string key_file;
  std::string api_key_file;
  std::string token_file;
  std::vector<std::string> zones;  // only these
  bool is_unsigned = false;
  bool is_agreed = false;  // --yes

  bool is_unchecked = false;  // --no-check

  // Whom the doctor asks.
  std::string resolver;
  std::vector<std::string> parents;  // ADDRESS[:PORT]
  std::vector<std::string> servers;  // NAME=ADDRESS[:PORT]
  bool is_without_node = false;      // --no-node

  // An alternative to a record set, and the check of its service.
  std::vector<std::string> alternatives;
  std::string check;
  std::string check_host;
  std::string check_status;
  std::string check_text;
  std::string every;
  std::string fall;
  std::string rise;
  std::string failover_mode;

  // Catalogs of zones.
  std::string catalog;
  std::string group;
  bool only_named = false;

  // Options of a zone, and what a new one begins with. Empty: not given.
  std::string serial_policy;
  std::string serve_after_expire;
  std::string zonemd;
  std::optional<std::uint32_t> rrset_records_max;
  std::string primary;
  std::string contact;
  std::string ttl;
  std::vector<std::string> nameservers;
};

}  // namespace tandem
