#include "common/node/config.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>

#include <fmt/ranges.h>

#include "common/node/config_reader.h"
#include "common/node/config_values.h"
#include "common/node/member_book.h"
#include "common/node/zone_table.h"

namespace tandem {
namespace {

constexpr std::size_t kMostTellPlaces = 8;  // each has a thread
constexpr int kWrongConfig = 2;             // the exit status of `serve` with such a file too

bool is_loopback(const SocketAddress& address) noexcept {
  if (address.family() == AF_INET6) {
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(address.system());
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
  }
  const auto* const v4 = reinterpret_cast<const sockaddr_in*>(address.system());
  return ntohl(v4->sin_addr.s_addr) >> 24U == 127;
}

void check_addresses(const Config& config, std::vector<std::string>& findings) {
  if (config.listen.empty()) {
    findings.emplace_back(
        "no address to answer DNS on: give --listen ADDR:PORT, or listen = [...] in the file");
  }
  std::set<std::string> seen;
  for (const auto* const addresses : {&config.listen, &config.listen_tls}) {
    for (const SocketAddress& address : *addresses) {
      if (address.port() != 0 && !seen.insert(address.to_text()).second) {
        findings.push_back(fmt::format("listen: {} is there twice", address.to_text()));
      }
    }
  }
  for (const std::string& text : config.http) {
    if (const auto address = SocketAddress::from_text(text); address && !is_loopback(*address)) {
      findings.push_back(fmt::format(
          "http: {} can be reached from outside, and HTTP is not encrypted: listen on 127.0.0.1 "
          "or [::1] and put a proxy or a tunnel in front",
          text));
    }
  }
}

void check_tls(const Config& config, std::vector<std::string>& findings) {
  if (config.tls.certificate.empty() != config.tls.key.empty()) {
    findings.emplace_back(
        "tls: certificate and key belong together; without both the node's own key is shown");
  }
  if (!config.tls.certificate.empty() && config.listen_tls.empty()) {
    findings.emplace_back(
        "tls: a certificate but no address: give --listen-tls ADDR:853, or listen_tls = [...]");
  }
}

void check_zones(const Config& config, std::vector<std::string>& findings) {
  std::set<NameView> seen;
  for (const ZoneFile& zone : config.zones) {
    if (!seen.insert(zone.zone).second) {
      findings.push_back(fmt::format("zone {} is there twice", zone.zone.to_text()));
    }
    if (config.pulls.contains(setting_name(zone.zone))) {
      findings.push_back(
          fmt::format("zone {} is to come from a file and to be pulled: one of them is possible",
                      zone.zone.to_text()));
    }
  }
}

void check_link(const Config& config, std::vector<std::string>& findings) {
  const bool has_link = !config.link_listen.empty() || !config.link_dial.empty();
  if (has_link && config.peer_keys.empty() && !has_member_book(config.data)) {
    findings.emplace_back(
        "the link needs the other node's key: join the other node (`tandemctl cluster invite` "
        "there), or give --peer-key FINGERPRINT, or peer_keys = [...] (`tandemctl node key` prints "
        "it there)");
  }
  if (!has_link && !config.peer_keys.empty()) {
    findings.emplace_back(
        "a peer's key but no link: give --peer HOST:PORT to dial, or --link ADDR:PORT to be "
        "dialled");
  }
}

void check_tell(const Config& config, std::vector<std::string>& findings) {
  if (config.tell_webhooks.size() + config.tell_programs.size() > kMostTellPlaces) {
    findings.push_back(
        fmt::format("tell: at most {} webhooks and programs in all", kMostTellPlaces));
  }
}

}  // namespace

Status read_config_file(const std::filesystem::path& file, Config& config) {
  const std::string text = TRY(text_of_file(file));
  Config next = config;
  if (const auto findings = read_config_text(text, file, next); !findings.empty()) {
    return fail(Errc::kInvalid, "{}", fmt::join(findings, "\n"));
  }
  config = std::move(next);
  return {};
}

Status check_config(const Config& config, LinkKeys keys) {
  std::vector<std::string> findings;
  if (config.data.empty()) {
    findings.emplace_back("no data folder: give --data DIR, or data = \"DIR\" in the file");
  }
  check_addresses(config, findings);
  check_tls(config, findings);
  check_zones(config, findings);
  check_tell(config, findings);
  if (keys == LinkKeys::kAreKnown) {
    check_link(config, findings);
  }
  if (!findings.empty()) {
    return fail(Errc::kInvalid, "{}", fmt::join(findings, "\n"));
  }
  return {};
}

int print_config_check(const std::filesystem::path& file) {
  Config config;
  if (const Status status = read_config_file(file, config); !status) {
    fmt::print(stderr, "{}\n", status.error().detail);
    return kWrongConfig;
  }
  if (const Status status = check_config(config); !status) {
    // Each finding gets the file's name, which the whole does not know.
    std::string_view rest = status.error().detail;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      fmt::print(stderr, "{}: {}\n", file.string(), line);
    }
    return kWrongConfig;
  }
  if (!config.tls.certificate.empty()) {
    if (const Status status = check_tls_files(config.tls); !status) {
      fmt::print(stderr, "{}: {}\n", file.string(), status.error().detail);
      return 1;
    }
  }
  for (const ZoneFile& zone : config.zones) {
    if (!std::ifstream(zone.file)) {
      fmt::print(stderr, "{}: zone {}: cannot read {}: {}\n", file.string(), zone.zone.to_text(),
                 zone.file, std::strerror(errno));
      return 1;
    }
  }
  fmt::print("{}: good\n", file.string());
  return 0;
}

}  // namespace tandem
