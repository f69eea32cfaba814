// A zone's master file read and checked on this side: what it includes is opened here, where its
// author can see it, and every finding names the author's own lines.
#pragma once

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/dns/master_file.h"
#include "common/zone/zone.h"
#include "ctl/arguments.h"

namespace tandem {

struct ZoneSource {
  std::string file;
  Name origin;
  std::vector<Diagnostic> findings;  // line 0: of the zone as a whole
  std::vector<std::string>
      remarks;           // what a good zone does that is seldom meant; a node says it too
  bool is_good = false;  // no finding is an error
  std::uint32_t serial = 0;
  std::size_t record_count = 0;
  std::string text;  // the file as it is, or its records as lines when it includes others; empty
                     // unless good
};

// Limits are for the node to judge: it knows which ones were raised for the zone.
constexpr ZoneLimits kNoLimits{.rrset_records = 65535, .types_per_name = 65535};

/// `-` is standard input. Fails: the file cannot be read, or nothing says which zone it is of
/// (`origin`, its name without .zone or .db, its SOA record).
Result<ZoneSource> read_zone_source(const std::filesystem::path& file,
                                    const std::optional<Name>& origin, const ZoneLimits& limits);

/// Every finding as a line.
void print_findings(const ZoneSource& source, std::FILE* to);
/// Before a file is sent: its warnings go to standard error, where the node's answer will not have
/// them too. Fails: kInvalid with every finding, when the file has errors; `so` says what that
/// means.
Status take_findings(const ZoneSource& source, const Arguments& arguments, std::string_view so);

}  // namespace tandem
