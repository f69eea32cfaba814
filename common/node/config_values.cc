#include "common/node/config_values.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <limits>
#include <net/if.h>

#include "common/crypto/tsig_key_file.h"
#include "common/dns/shown_text.h"
#include "common/net/address.h"
#include "common/node/zone_table.h"

namespace tandem {
namespace {

// A hundred thousand zones by name and file are eight megabytes.
constexpr std::uintmax_t kMaxFileOctets = 1U << 24U;

constexpr std::size_t kMaxAnswerTextOctets = 255;
// In 512 octets it then stands beside header, question (12 + 255 + 4) and all else in the OPT.
constexpr std::size_t kMaxNsidOctets = 128;
constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24);

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

constexpr std::array kTimeUnits = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                                   Unit{"h", 3'600'000}, Unit{"", 1000}};
constexpr std::array kOctetUnits = {Unit{"KiB", 1ULL << 10U}, Unit{"MiB", 1ULL << 20U},
                                    Unit{"GiB", 1ULL << 30U}, Unit{"TiB", 1ULL << 40U},
                                    Unit{"", 1}};

constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {
    {{"debug", LogLevel::kDebug},
     {"info", LogLevel::kInfo},
     {"warn", LogLevel::kWarn},
     {"error", LogLevel::kError}}};

/// A whole number followed by one of `units`; nothing when it is not, or does not fit.
std::optional<std::uint64_t> scaled(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) {
    return std::nullopt;
  }
  const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto unit = std::ranges::find(units, name, &Unit::name);
  if (unit == units.end() || number > std::numeric_limits<std::uint64_t>::max() / unit->size) {
    return std::nullopt;
  }
  return number * unit->size;
}

bool is_host_name(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
  return plain && !text.starts_with('-') && Name::from_text(text).has_value() && text != ".";
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port != 0;
}

Status add_keys(std::vector<TsigKey> more, std::vector<TsigKey>& keys) {
  for (TsigKey& key : more) {
    if (std::ranges::find(keys, key.name, &TsigKey::name) != keys.end()) {
      return fail(Errc::kInvalid, "key {} is there twice", key.name.to_text());
    }
    keys.push_back(std::move(key));
  }
  return {};
}

}  // namespace

Result<std::chrono::milliseconds> duration_from_text(std::string_view text) {
  const auto milliseconds = scaled(text, kTimeUnits);
  if (!milliseconds || *milliseconds == 0 ||
      *milliseconds > static_cast<std::uint64_t>(kLongest.count())) {
    return fail(Errc::kInvalid,
                "{} is no time; expected seconds or a text such as \"500ms\", \"10s\", \"2m\", up "
                "to \"24h\"",
                shown_text(text));
  }
  return std::chrono::milliseconds(*milliseconds);
}

Result<std::uint64_t> octets_from_text(std::string_view text) {
  const auto octets = scaled(text, kOctetUnits);
  if (!octets) {
    return fail(Errc::kInvalid,
                "{} is no size; expected octets or a text such as \"512MiB\", \"1GiB\"",
                shown_text(text));
  }
  return *octets;
}

Result<Name> zone_name_from_text(std::string_view text) {
  if (text == "@") {
    return fail(Errc::kInvalid, "\"@\" is no zone name; expected one such as example.com");
  }
  return Name::from_text(text);
}

Result<ZoneFile> zone_file_from_text(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
    return fail(Errc::kInvalid, "{} is no zone with its file; expected NAME=FILE",
                shown_text(text));
  }
  return ZoneFile{TRY(zone_name_from_text(text.substr(0, equals))),
                  std::string(text.substr(equals + 1))};
}

Result<std::string> listen_text_from_text(std::string_view text) {
  TRYV(SocketAddress::from_text(text));
  return std::string(text);
}

Result<std::string> interface_from_text(std::string_view text) {
  const bool is_plain =
      std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
  if (text.empty() || text.size() >= IFNAMSIZ || !is_plain) {
    return fail(Errc::kInvalid, "{} is no interface's name; expected one that `ip link` shows",
                shown_text(text));
  }
  return std::string(text);
}

Result<std::string> dial_text_from_text(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos && is_port(text.substr(colon + 1));
  const bool has_host = has_port && (is_host_name(text.substr(0, colon)) ||
                                     SocketAddress::from_text(text).has_value());
  if (!has_host) {
    return fail(Errc::kInvalid,
                "{} is nothing to dial; expected 192.0.2.1:7953, [2001:db8::1]:7953 or "
                "host.example.net:7953",
                shown_text(text));
  }
  return std::string(text);
}

Result<std::string> program_from_text(std::string_view text) {
  if (!text.starts_with('/') || text.find('\0') != std::string_view::npos) {
    return fail(Errc::kInvalid, "expected the whole path of a program, got \"{}\"", text);
  }
  return std::string(text);
}

Result<std::string> answer_text_from_text(std::string_view text) {
  if (text.size() > kMaxAnswerTextOctets) {
    return fail(Errc::kInvalid, "the text has {} octets; DNS carries at most {} (RFC 1035 s3.3)",
                text.size(), kMaxAnswerTextOctets);
  }
  return std::string(text);
}

Result<std::string> nsid_from_text(std::string_view text) {
  if (text.size() > kMaxNsidOctets) {
    return fail(Errc::kInvalid,
                "the identifier has {} octets; at most {} have room beside any question",
                text.size(), kMaxNsidOctets);
  }
  return std::string(text);
}

Status add_key(std::string_view text, std::vector<TsigKey>& keys) {
  return add_keys(std::vector{TRY(tsig_key_from_text(text))}, keys);
}

Status add_key_file(std::string_view file, std::vector<TsigKey>& keys) {
  auto read = tsig_keys_from_file_text(TRY(text_of_file(file)));
  if (!read) {
    return in_context(file, read.error());
  }
  return add_keys(*std::move(read), keys);
}

Status add_pull(std::string_view text, decltype(Config::pulls)& pulls) {
  const PulledZone pulled = TRY(PulledZone::from_text(text));
  std::string& source = pulls[setting_name(pulled.zone)];
  source += (source.empty() ? "" : " ") + pulled.primary.to_text();
  return {};
}

Result<std::string> text_of_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::is_regular_file(status)) {
    return fail(Errc::kIo, "{}: {}", file.string(),
                error ? error.message() : "this is no file with text");
  }
  const std::uintmax_t octets = std::filesystem::file_size(file, error);
  if (error || octets > kMaxFileOctets) {
    return fail(Errc::kIo, "{}: more than {} octets: this is no file of settings", file.string(),
                kMaxFileOctets);
  }
  std::string text(static_cast<std::size_t>(octets), '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(text.data(), static_cast<std::streamsize>(octets));
  if (!stream) {
    return fail(Errc::kIo, "{}: cannot be read: {}", file.string(), std::strerror(errno));
  }
  return text;
}

Result<LogLevel> log_level_from_text(std::string_view text) {
  for (const auto& [name, level] : kLevels) {
    if (name == text) {
      return level;
    }
  }
  return fail(Errc::kInvalid, "{} is no log level; expected debug, info, warn or error",
              shown_text(text));
}

}  // namespace tandem
