#include "common/node/config_reader.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <algorithm>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>

#include <toml++/toml.h>

#include "common/base/suggestion.h"
#include "common/dns/shown_text.h"
#include "common/node/config_values.h"

namespace tandem {
namespace {

constexpr std::int64_t kMaxThreads = 1024;
constexpr std::int64_t kMaxTcpConnections = 1'000'000;
constexpr std::int64_t kMaxPullRecords = 4'000'000'000;
constexpr std::int64_t kMaxKeepDays = 36'500;
constexpr std::uint64_t kMinOctets = 1U << 20U;

/// A value with the name that the findings call it by.
struct Item {
  const toml::node& node;
  std::string_view name;
};

struct Key {
  std::string_view name;
  std::function<void(const Item&)> read;
};

using Keys = std::vector<Key>;

struct Finding {
  toml::source_position place;
  std::string text;
};

std::string_view kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or a time";
  }
}

class Reader {
 public:
  Reader(const std::filesystem::path& file, Config& config) : file_(file), config_(config) {}

  void read(const toml::table& root);

  void report(const toml::source_region& place, std::string_view text) {
    findings_.push_back({place.begin, std::string(text)});
  }

  /// In the order of the file.
  [[nodiscard]] std::vector<std::string> findings();

 private:
  using Parse = std::function<Status(std::string_view)>;

  void report(const Item& item, std::string_view text) { report(item.node.source(), text); }

  void expected(const Item& item, std::string_view what) {
    report(item, fmt::format("{} needs {}, got {}", item.name, what, kind_of(item.node)));
  }

  void read_table(const Item& item, const Keys& keys);
  void read_keys(const toml::table& table, const Keys& keys);
  void read_text(const Item& item, const Parse& parse);
  void read_texts(const Item& item, const Parse& parse);
  void read_zone(const Item& item);
  void read_zones(const Item& item);
  void read_key_files(const Item& item);
  void read_octets(const Item& item, std::uint64_t& to);
  void read_time(const Item& item, std::chrono::milliseconds& to);
  [[nodiscard]] std::optional<std::int64_t> number(const Item& item, std::int64_t least,
                                                   std::int64_t most);

  [[nodiscard]] Keys root_keys();
  [[nodiscard]] Keys link_keys();
  [[nodiscard]] Keys dns_keys();
  [[nodiscard]] Keys tls_keys();
  [[nodiscard]] Keys tcp_keys();
  [[nodiscard]] Keys transfer_keys();
  [[nodiscard]] Keys update_keys();
  [[nodiscard]] Keys pull_keys();
  [[nodiscard]] Keys tell_keys();
  [[nodiscard]] Keys log_keys();

  [[nodiscard]] std::filesystem::path beside_file(std::string_view path) const {
    return file_.parent_path() / std::filesystem::path(path);
  }

  // How values end in the configuration: one adds to a list, the other replaces.
  template <class T>
  static Parse adding(Result<T> (*parse)(std::string_view), std::vector<T>& to) {
    return [parse, &to](std::string_view text) -> Status {
      to.push_back(TRY(parse(text)));
      return {};
    };
  }

  template <class T>
  void take(const Item& item, Result<T> value, T& to) {
    if (value) {
      to = std::move(*value);
    } else {
      report(item, fmt::format("{}: {}", item.name, value.error().detail));
    }
  }

  template <class T>
  static Parse setting(Result<T> (*parse)(std::string_view), T& to) {
    return [parse, &to](std::string_view text) -> Status {
      to = TRY(parse(text));
      return {};
    };
  }

  /// A list in the file takes the place of what was there before.
  template <class T>
  std::function<void(const Item&)> list(Result<T> (*parse)(std::string_view), std::vector<T>& to) {
    return [this, parse, &to](const Item& item) {
      to.clear();
      read_texts(item, adding(parse, to));
    };
  }

  template <class T>
  std::function<void(const Item&)> text(Result<T> (*parse)(std::string_view), T& to) {
    return [this, parse, &to](const Item& item) { read_text(item, setting(parse, to)); };
  }

  template <class T>
  std::function<void(const Item&)> count(std::int64_t least, std::int64_t most, T& to) {
    return [this, least, most, &to](const Item& item) {
      if (const auto value = number(item, least, most)) {
        to = static_cast<T>(*value);
      }
    };
  }

  std::function<void(const Item&)> file(std::filesystem::path& to) {
    return [this, &to](const Item& item) {
      read_text(item, [this, &to](std::string_view text) -> Status {
        to = beside_file(text);
        return {};
      });
    };
  }

  std::function<void(const Item&)> time(std::chrono::milliseconds& to) {
    return [this, &to](const Item& item) { read_time(item, to); };
  }

  const std::filesystem::path& file_;
  Config& config_;
  std::vector<Finding> findings_;
};

Keys Reader::root_keys() {
  return {
      {"data", file(config_.data)},
      {"listen", list(&SocketAddress::from_text, config_.listen)},
      {"listen_tls", list(&SocketAddress::from_text, config_.listen_tls)},
      {"threads", count(0, kMaxThreads, config_.threads)},
      {"xdp", list(&interface_from_text, config_.xdp)},
      {"zones", [this](const Item& item) { read_zones(item); }},
      {"http", list(&listen_text_from_text, config_.http)},
      {"link", [this](const Item& item) { read_table(item, link_keys()); }},
      {"dns", [this](const Item& item) { read_table(item, dns_keys()); }},
      {"tls", [this](const Item& item) { read_table(item, tls_keys()); }},
      {"tcp", [this](const Item& item) { read_table(item, tcp_keys()); }},
      {"transfer", [this](const Item& item) { read_table(item, transfer_keys()); }},
      {"update", [this](const Item& item) { read_table(item, update_keys()); }},
      {"also_notify", list(&also_notify_from_text, config_.also_notify)},
      {"secondaries", list(&OutsideSecondary::from_text, config_.secondaries)},
      {"pull", [this](const Item& item) { read_table(item, pull_keys()); }},
      {"key_files", [this](const Item& item) { read_key_files(item); }},
      {"tell", [this](const Item& item) { read_table(item, tell_keys()); }},
      {"log", [this](const Item& item) { read_table(item, log_keys()); }},
      {"log_level", text(&log_level_from_text, config_.log_level)},
  };
}

Keys Reader::link_keys() {
  return {{"listen", list(&listen_text_from_text, config_.link_listen)},
          {"dial", list(&dial_text_from_text, config_.link_dial)},
          {"peer_keys", list(&KeyPin::from_text, config_.peer_keys)}};
}

Keys Reader::dns_keys() {
  return {{"nsid", text(&nsid_from_text, config_.nsid)},
          {"version_text", text(&answer_text_from_text, config_.version_text)},
          {"identity_text", text(&answer_text_from_text, config_.identity_text)},
          {"udp_payload", count(kMinUdpPayload, kMaxUdpPayload, config_.udp_payload)}};
}

Keys Reader::tls_keys() {
  return {{"certificate", file(config_.tls.certificate)}, {"key", file(config_.tls.key)}};
}

Keys Reader::tcp_keys() {
  TcpLimits& tcp = config_.tcp;
  return {{"connections", count(1, kMaxTcpConnections, tcp.connections)},
          {"connections_per_address", count(1, kMaxTcpConnections, tcp.connections_per_address)},
          {"idle", time(tcp.idle)},
          {"message", time(tcp.message)},
          {"write", time(tcp.write)}};
}

Keys Reader::transfer_keys() {
  TransferRules& transfers = config_.transfers;
  return {{"allow", list(&TransferRule::from_text, transfers.allow)},
          {"at_once", count(1, kMaxTcpConnections, transfers.at_once)},
          {"at_once_per_peer", count(1, kMaxTcpConnections, transfers.at_once_per_peer)}};
}

Keys Reader::update_keys() {
  return {{"allow", list(&update_rule_from_text, config_.update_rules)}};
}

Keys Reader::pull_keys() {
  return {{"zones",
           [this](const Item& item) {
             config_.pulls.clear();
             read_texts(item,
                        [this](std::string_view text) { return add_pull(text, config_.pulls); });
           }},
          {"records", count(1, kMaxPullRecords, config_.pull_records)},
          {"octets", [this](const Item& item) { read_octets(item, config_.pull_octets); }}};
}

Keys Reader::tell_keys() {
  return {{"webhooks", list(&http_url_from_text, config_.tell_webhooks)},
          {"programs", list(&program_from_text, config_.tell_programs)}};
}

Keys Reader::log_keys() {
  return {
      {"keep_days",
       [this](const Item& item) {
         if (const auto days = number(item, 1, kMaxKeepDays)) {
           config_.log_keep = std::chrono::days(*days);
         }
       }},
      {"keep_octets", [this](const Item& item) { read_octets(item, config_.log_keep_octets); }}};
}

std::vector<std::string> Reader::findings() {
  std::ranges::sort(findings_, {}, [](const Finding& finding) {
    return std::tuple(finding.place.line, finding.place.column, std::string_view(finding.text));
  });
  std::vector<std::string> lines;
  lines.reserve(findings_.size());
  for (const Finding& finding : findings_) {
    lines.push_back(fmt::format("{}:{}:{}: {}", file_.string(), finding.place.line,
                                finding.place.column, finding.text));
  }
  return lines;
}

void Reader::read(const toml::table& root) {
  read_keys(root, root_keys());
}

void Reader::read_keys(const toml::table& table, const Keys& keys) {
  for (const auto& [key, node] : table) {
    const auto known = std::ranges::find(keys, std::string_view(key.str()), &Key::name);
    if (known != keys.end()) {
      known->read({node, known->name});
      continue;
    }
    std::vector<std::string_view> names;
    std::ranges::transform(keys, std::back_inserter(names), &Key::name);
    report(key.source(),
           fmt::format("unknown key {}{}", shown_text(key.str()), suggestion(key.str(), names)));
  }
}

void Reader::read_table(const Item& item, const Keys& keys) {
  if (const toml::table* const table = item.node.as_table()) {
    read_keys(*table, keys);
  } else {
    expected(item, "a table");
  }
}

void Reader::read_text(const Item& item, const Parse& parse) {
  const toml::value<std::string>* const value = item.node.as_string();
  if (value == nullptr) {
    expected(item, "a text in quotes");
  } else if (const Status status = parse(value->get()); !status) {
    report(item, fmt::format("{}: {}", item.name, status.error().detail));
  }
}

void Reader::read_texts(const Item& item, const Parse& parse) {
  const toml::array* const array = item.node.as_array();
  if (array == nullptr) {
    expected(item, "a list of texts");
    return;
  }
  for (const toml::node& element : *array) {
    read_text({element, item.name}, parse);
  }
}

void Reader::read_zones(const Item& item) {
  const toml::array* const array = item.node.as_array();
  if (array == nullptr) {
    expected(item, "a list of tables {name = ..., file = ...}");
    return;
  }
  config_.zones.clear();
  for (const toml::node& element : *array) {
    read_zone({element, item.name});
  }
}

void Reader::read_key_files(const Item& item) {
  config_.tsig_keys.clear();
  read_texts(item, [this](std::string_view file) {
    return add_key_file(beside_file(file).string(), config_.tsig_keys);
  });
}

void Reader::read_zone(const Item& item) {
  std::optional<Name> name;
  std::optional<std::filesystem::path> file;
  const std::size_t findings_before = findings_.size();
  read_table(item, {{"name",
                     [&](const Item& value) {
                       read_text(value, [&](std::string_view text) -> Status {
                         name = TRY(zone_name_from_text(text));
                         return {};
                       });
                     }},
                    {"file", [&](const Item& value) {
                       read_text(value, [&](std::string_view text) -> Status {
                         file = beside_file(text);
                         return {};
                       });
                     }}});
  if (name && file) {
    config_.zones.push_back({*name, file->string()});
  } else if (findings_.size() == findings_before) {
    report(item, "each of zones needs a name and a file");
  }
}

void Reader::read_octets(const Item& item, std::uint64_t& to) {
  std::uint64_t octets = 0;
  if (const auto* const value = item.node.as_integer()) {
    octets = static_cast<std::uint64_t>(std::max<std::int64_t>(value->get(), 0));
  } else if (item.node.is_string()) {
    const std::size_t findings_before = findings_.size();
    read_text(item, setting(&octets_from_text, octets));
    if (findings_.size() > findings_before) {
      return;
    }
  } else {
    expected(item, "octets or a text such as \"1GiB\"");
    return;
  }
  if (octets < kMinOctets) {
    report(item, fmt::format("{} needs at least 1MiB", item.name));
    return;
  }
  to = octets;
}

void Reader::read_time(const Item& item, std::chrono::milliseconds& to) {
  if (const auto* const seconds = item.node.as_integer()) {
    take(item, duration_from_text(std::to_string(seconds->get())), to);
  } else if (item.node.is_string()) {
    read_text(item, setting(&duration_from_text, to));
  } else {
    expected(item, "seconds or a text such as \"10s\", \"500ms\"");
  }
}

std::optional<std::int64_t> Reader::number(const Item& item, std::int64_t least,
                                           std::int64_t most) {
  const toml::value<std::int64_t>* const value = item.node.as_integer();
  if (value == nullptr) {
    expected(item, "a whole number");
    return std::nullopt;
  }
  if (value->get() < least || value->get() > most) {
    report(item, fmt::format("{} needs a number from {} to {}, got {}", item.name, least, most,
                             value->get()));
    return std::nullopt;
  }
  return value->get();
}

}  // namespace

std::vector<std::string> read_config_text(std::string_view text, const std::filesystem::path& file,
                                          Config& config) {
  Reader reader(file, config);
  const toml::parse_result parsed = toml::parse(text, file.string());
  if (parsed) {
    reader.read(parsed.table());
  } else {
    reader.report(parsed.error().source(), parsed.error().description());
  }
  return reader.findings();
}

}  // namespace tandem
