// The values of flags and configuration files as people write them. Pure functions; every one
// Fails: kInvalid with what was expected.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/base/logging.h"
#include "common/base/result.h"
#include "common/dns/name.h"
#include "common/node/config.h"

namespace tandem {

/// `500ms`, `10s`, `2m`, `1h`, or seconds as a plain number; more than zero, at most a day.
Result<std::chrono::milliseconds> duration_from_text(std::string_view text);

/// `4096`, `512KiB`, `64MiB`, `1GiB`, `2TiB`.
Result<std::uint64_t> octets_from_text(std::string_view text);

Result<Name> zone_name_from_text(std::string_view text);

/// `NAME=FILE`.
Result<ZoneFile> zone_file_from_text(std::string_view text);

/// An address to listen on, checked and kept as text: `192.0.2.1:53`, `[2001:db8::1]:53`.
Result<std::string> listen_text_from_text(std::string_view text);

/// A network interface's name; whether there is one of it shows when it is used.
Result<std::string> interface_from_text(std::string_view text);

/// Where to dial: an address with a port, or `host.example.net:7953`, looked up at each attempt.
Result<std::string> dial_text_from_text(std::string_view text);

/// A program to run: an absolute path, since the folder that a node runs in says nothing to
/// anybody.
Result<std::string> program_from_text(std::string_view text);

/// A text that DNS carries as one character-string: at most 255 octets (RFC 1035 s3.3).
Result<std::string> answer_text_from_text(std::string_view text);
/// The identifier of RFC 5001, which has to fit beside the longest question. Fails: kInvalid.
Result<std::string> nsid_from_text(std::string_view text);

/// `ALG:NAME:BASE64` (tsig_key.h); no two keys have one name.
Status add_key(std::string_view text, std::vector<TsigKey>& keys);
/// All keys of a file (tsig_key_file.h). Fails: also kIo.
Status add_key_file(std::string_view file, std::vector<TsigKey>& keys);

/// `ZONE=PRIMARY` (outside_server.h), added to Config::pulls; the primaries of one zone are asked
/// in the order in which they came.
Status add_pull(std::string_view text, decltype(Config::pulls)& pulls);

/// What is in a file of at most 16 MiB. Fails: kIo.
Result<std::string> text_of_file(const std::filesystem::path& file);

Result<LogLevel> log_level_from_text(std::string_view text);

}  // namespace tandem
