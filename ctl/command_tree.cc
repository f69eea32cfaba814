#include "ctl/command_tree.h"

#include <algorithm>
#include <map>
#include <span>

#define CLI11_BOOST_OPTIONAL 0
#include <CLI/CLI.hpp>
#include <boost/version.hpp>
#include <fmt/core.h>

#include "common/base/text.h"
#include "common/base/version.h"
#include "common/crypto/digest.h"
#include "common/crypto/tsig_key.h"
#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "ctl/command_errors.h"
#include "ctl/masked_words.h"
#include "ctl/session.h"

namespace tandem {
namespace {

using Command = CommandResult (*)(const Arguments&);
using Kind = WordValue::Kind;

constexpr std::int64_t kMostEntries = 1000;          // as the node gives
constexpr std::int64_t kLargestLimit = 0x7fff'ffff;  // as the node takes
constexpr std::int64_t kLargestSerial = 0xffff'ffff;
constexpr std::int64_t kLongestWait = 1'000'000;  // seconds
constexpr std::uint16_t kLastPlainType = 0x7fff;  // behind it little but private use

std::string name_problem(const std::string& text) {
  const auto name = Name::from_text(text);
  return name ? std::string() : name.error().detail;
}

std::string ttl_problem(const std::string& text) {
  return ttl_from_text(text) ? std::string()
                             : "expected seconds, or units such as 1h30m, got \"" + text + "\"";
}

std::string log_text_problem(const std::string& text) {
  return is_printable(text) ? std::string() : "takes one line of UTF-8 without control characters";
}

std::string algorithm_problem(const std::string& text) {
  return tsig_algorithm_from_text(text) ? std::string()
                                        : "expected hmac-sha256 or such, got \"" + text + "\"";
}

std::string version_text() {
  return fmt::format(
      "tandemctl {}\nbuilt with Boost {}.{}.{}, CLI11 {}, fmt {}.{}.{}, OpenSSL {}\n", kVersion,
      BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100, CLI11_VERSION,
      FMT_VERSION / 10'000, FMT_VERSION / 100 % 100, FMT_VERSION % 100, openssl_version());
}

WordValue record_types() {
  WordValue out{Kind::kChoice, {}};
  for (std::uint16_t number = 1; number <= kLastPlainType; ++number) {
    const auto type = static_cast<RrType>(number);
    if (is_known_type(type) && !is_meta_type(type)) {
      out.choices.push_back(to_text(type));
    }
  }
  return out;
}

/// The tree; what it parses goes into `parsed`.
class Tree {
 public:
  explicit Tree(Parsed& parsed)
      : app_("Asks and changes a Tandem node", "tandemctl"),
        to_(parsed.arguments),
        parsed_(parsed) {
    app_.set_version_flag("--version", [] { return version_text(); });
    app_.require_subcommand(1);
    app_.fallthrough();
    add_common_flags();
    add_zone();
    add_record();
    add_key();
    add_policy();
    add_node();
    unmask_values(app_);
  }

  CLI::App& app() { return app_; }

  /// All commands below `app`, itself first.
  void collect(const CLI::App& app, const std::string& path, std::vector<CommandWords>& to) const {
    CommandWords words;
    words.path = path;
    for (const CLI::Option* const option : app.get_options()) {
      if (option == app.get_help_ptr() && !path.empty()) {
        continue;  // one of those that may stand with every command
      }
      const auto found = values_.find(option);
      const std::vector<WordValue> values =
          found != values_.end() ? found->second : std::vector<WordValue>(1);
      if (option->get_positional()) {
        words.values.insert(words.values.end(), values.begin(), values.end());
        continue;
      }
      const bool takes_value = option->get_items_expected_max() > 0;
      for (const std::string& name : option->get_lnames()) {
        words.flags.push_back({"--" + name, takes_value, values.front()});
      }
      for (const std::string& name : option->get_snames()) {
        words.flags.push_back({"-" + name, takes_value, values.front()});
      }
    }
    const auto subcommands = app.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* const sub : subcommands) {
      words.subcommands.push_back(sub->get_name());
    }
    to.push_back(std::move(words));
    for (const CLI::App* const sub : subcommands) {
      collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), to);
    }
  }

 private:
  void add_common_flags() {
    CLI::Option* const data =
        app_.add_option("--data", to_.data,
                        "The node's data folder (default: TANDEM_DATA, else /var/lib/tandem)")
            ->type_name("DIR");
    CLI::Option* const config =
        app_.add_option("--config", to_.config, "Take the data folder from this file")
            ->type_name("FILE");
    CLI::Option* const socket =
        app_.add_option("--socket", to_.socket, "The node's socket itself")->type_name("PATH");
    for (CLI::Option* const option : {data, config, socket}) {
      values_[option] = {{Kind::kFile, {}}};
    }
    app_.add_flag("--json", to_.json, "Print JSON, errors too");
    app_.add_option("--reason", to_.reason, "Why: kept with the change in the log")
        ->type_name("TEXT")
        ->check(log_text_problem);
    app_.add_option("--request-id", to_.request_id, "Kept with the change in the log")
        ->type_name("ID")
        ->check(log_text_problem);
    app_.add_option("--timeout", to_.timeout_seconds,
                    "Give up after so many seconds without progress (default: 300; 0: never)")
        ->type_name("SECONDS")
        ->check(CLI::Range(std::int64_t{0}, kLongestWait).description(""));
  }

  CLI::App* group(const std::string& name, const std::string& help) {
    CLI::App* const made = app_.add_subcommand(name, help);
    made->require_subcommand(1);
    made->fallthrough();
    return made;
  }

  CLI::App* leaf(CLI::App& parent, const std::string& name, const std::string& help,
                 const std::string& example, Command command) {
    CLI::App* const made = parent.add_subcommand(name, help);
    made->fallthrough();
    made->callback([this, command] { parsed_.command = command; });
    made->footer("Example: tandemctl " + example +
                 "\n\nWith every command: --data DIR, --config FILE, --socket PATH, --json, "
                 "--reason TEXT,\n--request-id ID, --timeout SECONDS (tandemctl --help)");
    return made;
  }

  CLI::App* zone_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                      const std::string& example, Command command) {
    CLI::App* const made = leaf(parent, name, help, example, command);
    CLI::Option* const zone = made->add_option("zone", to_.zone, "The zone's name")
                                  ->type_name("NAME")
                                  ->required()
                                  ->check(name_problem);
    values_[zone] = {{Kind::kZone, {}}};
    return made;
  }

  CLI::Option* choose(CLI::Option* option, const std::vector<std::string>& choices) {
    values_[option] = {{Kind::kChoice, choices}};
    return option->check(CLI::IsMember(choices));
  }

  CLI::Option* file(CLI::Option* option, const std::string& form = "FILE") {
    values_[option] = {{Kind::kFile, {}}};
    return option->type_name(form);
  }

  void add_limit(CLI::App& to, const std::string& more = "") {
    to.add_option("--rrset-records-max", to_.rrset_records_max,
                  "Records in one set, at most (default: 100; 0: the default)" + more)
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{0}, kLargestLimit).description(""));
  }

  void add_options_of_zone(CLI::App& to) {
    choose(to.add_option("--serial-policy", to_.serial_policy,
                         "How serials grow (a new zone: increment)"),
           {"increment", "date", "unixtime"});
    choose(to.add_option("--serve-after-expire", to_.serve_after_expire,
                         "Whether a secondary goes on answering after SOA EXPIRE (a new zone: no)"),
           {"yes", "no"});
    add_limit(to);
  }

  void add_zone_create(CLI::App& zone) {
    CLI::App* const create = zone_leaf(
        zone, "create", "Make a zone",
        "zone create example.com --nameserver ns1 --nameserver ns.example.net", zone_create);
    CLI::Option* const from_file =
        file(create->add_option("--file", to_.file, "Take the records from this file; -: stdin"));
    create
        ->add_option("--nameserver", to_.nameservers,
                     "A name server of the zone, in it when it has no dot; repeatable")
        ->type_name("NAME")
        ->allow_extra_args(false)
        ->check(name_problem)
        ->excludes(from_file);
    create->add_option("--primary", to_.primary, "SOA MNAME (default: the first name server)")
        ->type_name("NAME")
        ->check(name_problem)
        ->excludes(from_file);
    create
        ->add_option("--contact", to_.contact,
                     "SOA RNAME, or a mail address (default: hostmaster in the zone)")
        ->type_name("NAME")
        ->excludes(from_file);
    create->add_option("--ttl", to_.ttl, "TTL of its first records (default: 3600)")
        ->type_name("TTL")
        ->check(ttl_problem)
        ->excludes(from_file);
    add_options_of_zone(*create);
  }

  void add_zone_import(CLI::App& zone) {
    CLI::App* const import = leaf(zone, "import", "Take zones from a file or from another server",
                                  "zone import --dry-run example.com=new.zone", zone_import);
    file(import->add_option("file", to_.file,
                            "The file, -: stdin; the zone is what its SOA says, or NAME. With "
                            "--from-axfr the zone's name"),
         "[NAME=]FILE");
    import->add_flag("--replace", to_.replace, "Even when the zone is there with other content");
    import->add_flag("--dry-run", to_.dry_run, "Show what would change");
    add_limit(*import, "; of a zone that this makes");
    add_other_servers(*import);
  }

  void add_other_servers(CLI::App& import) {
    CLI::Option* const axfr =
        import.add_option("--from-axfr", to_.from_axfr, "From the server that answers for it now")
            ->type_name("HOST[:PORT]");
    CLI::Option* const conf = file(import.add_option("--from-named-conf", to_.from_named_conf,
                                                     "All primary zones of this named.conf"));
    CLI::Option* const powerdns =
        import.add_option("--from-powerdns", to_.from_powerdns, "All primary zones of PowerDNS")
            ->type_name("URL");
    CLI::Option* const technitium =
        import
            .add_option("--from-technitium", to_.from_technitium, "All primary zones of Technitium")
            ->type_name("URL");
    CLI::Option* const folder =
        file(import.add_option("--from-folder", to_.from_folder,
                               "All zone files of this folder, named as their zones are"),
             "DIR");
    axfr->excludes(conf)->excludes(powerdns)->excludes(technitium)->excludes(folder);
    conf->excludes(powerdns)->excludes(technitium)->excludes(folder);
    powerdns->excludes(technitium)->excludes(folder);
    technitium->excludes(folder);
    import.add_option("--key", to_.key, "TSIG key for --from-axfr; --key-file keeps it secret")
        ->type_name("[ALGORITHM:]NAME:BASE64");
    file(import.add_option("--key-file", to_.key_file, "The same, from a file of BIND or Knot"));
    file(import.add_option("--api-key-file", to_.api_key_file, "PowerDNS's API key is in it"));
    file(import.add_option("--token-file", to_.token_file, "Technitium's API token is in it"));
    import.add_option("--zone", to_.zones, "Only this zone; repeatable")
        ->type_name("NAME")
        ->allow_extra_args(false)
        ->check(name_problem);
    import.add_flag("--unsigned", to_.is_unsigned, "Leave DNSSEC signatures and keys behind");
    import.add_flag("--yes", to_.is_agreed, "Do not ask");
  }

  void add_zone() {
    CLI::App& zone = *group("zone", "Zones");
    leaf(zone, "list", "All zones", "zone list", zone_list)
        ->add_flag("--deleted", to_.show_deleted, "Those that can be restored");
    add_serial(*zone_leaf(zone, "show", "All about one zone, or what it was",
                          "zone show example.com --serial 41", zone_show),
               "--serial", to_.serial, "Print the zone as it was at this serial");
    add_zone_create(zone);
    add_zone_import(zone);
    CLI::App* const out = zone_leaf(zone, "export", "Print a zone as a master file",
                                    "zone export example.com -o example.com.zone", zone_export);
    file(out->add_option("-o,--output", to_.output, "Write it to this file"));
    add_serial(*out, "--serial", to_.serial, "As it was at this serial");
    add_options_of_zone(*zone_leaf(zone, "options", "Change a zone's options",
                                   "zone options example.com --serial-policy date", zone_options));
    zone_leaf(zone, "delete", "Delete a zone", "zone delete example.com", zone_delete);
    zone_leaf(zone, "digest", "Digests of a zone's content, equal on equal nodes",
              "zone digest example.com", zone_digest);
    add_history(zone);
    CLI::App* const check = leaf(zone, "check", "Check a master file; needs no node",
                                 "zone check example.com.zone", zone_check);
    file(check->add_option("file", to_.file, "The file; -: stdin"))->required();
    check->add_option("--origin", to_.origin, "The zone's name")
        ->type_name("NAME")
        ->check(name_problem);
    add_limit(*check);
  }

  CLI::Option* add_serial(CLI::App& to, const std::string& flag,
                          std::optional<std::uint32_t>& value, const std::string& help) {
    return to.add_option(flag, value, help)
        ->type_name("SERIAL")
        ->check(CLI::Range(std::int64_t{0}, kLargestSerial).description(""));
  }

  void add_history(CLI::App& zone) {
    CLI::App* const history =
        zone_leaf(zone, "history", "A zone's changes, newest first",
                  "zone history example.com --limit 5 --records", zone_history);
    add_entry_options(*history, "50");
    history->add_option("--before", to_.before, "Those before this entry")->type_name("ENTRY");
    CLI::App* const diff = zone_leaf(zone, "diff", "What changed from one serial to another",
                                     "zone diff example.com --from 41", zone_diff);
    add_serial(*diff, "--from", to_.from, "The serial before")->required();
    add_serial(*diff, "--to", to_.to, "The serial after (default: the present one)");
    add_serial(*zone_leaf(zone, "revert", "Give a zone the content of a serial again",
                          "zone revert example.com --to 41 --reason 'not yet'", zone_revert),
               "--to", to_.to, "The serial that had the content")
        ->required();
    zone_leaf(zone, "restore", "Bring a deleted zone back", "zone restore example.com",
              zone_restore);
  }

  void add_entry_options(CLI::App& to, const std::string& usual = "20") {
    to.add_option("-n,--limit", to_.count, "So many entries, at most 1000 (default: " + usual + ")")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{1}, kMostEntries).description(""));
    to.add_flag("--records", to_.show_records, "Show the records of each change");
  }

  void add_record() {
    CLI::App& record = *group("record", "Records");
    CLI::App* const list = zone_leaf(record, "list", "Records of a zone",
                                     "record list example.com www A", record_list);
    list->add_option("name", to_.name, "Only of this name")->type_name("NAME");
    values_[list->add_option("type", to_.type, "Only of this type")->type_name("TYPE")] = {
        record_types()};
    add_words(*zone_leaf(record, "add", "Add records to a set",
                         "record add example.com www 600 A 192.0.2.1 192.0.2.2", record_add),
              "[TTL] TYPE DATA...", true);
    add_words(*zone_leaf(record, "set", "Make a set exactly this",
                         "record set example.com @ MX '10 mail' '20 mail2'", record_set),
              "[TTL] TYPE DATA...", true);
    add_words(*zone_leaf(record, "delete", "Delete a name, a set or one record",
                         "record delete example.com www A 192.0.2.1", record_delete),
              "[TYPE [DATA...]]", false);
  }

  void add_words(CLI::App& to, const std::string& form, bool is_required) {
    to.add_option("name", to_.name, "The owner: @, relative to the zone, or absolute")
        ->type_name("NAME")
        ->required();
    CLI::Option* const words = to.add_option("words", to_.words, "What it is; behind -- no flags")
                                   ->type_name(form)
                                   ->required(is_required);
    // The type, or a TTL before it.
    values_[words] = std::vector<WordValue>(is_required ? 2 : 1, record_types());
  }

  CLI::App* key_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                     const std::string& example, Command command) {
    CLI::App* const made = leaf(parent, name, help, example, command);
    made->add_option("name", to_.name, "The key's name")
        ->type_name("NAME")
        ->required()
        ->check(name_problem);
    return made;
  }

  void add_format(CLI::App& to) {
    choose(to.add_option("--format", to_.format, "For whom the key is printed (default: bind)"),
           {"bind", "knot", "text"});
  }

  void add_key() {
    CLI::App& key = *group("key", "TSIG keys");
    leaf(key, "list", "All keys, without their secrets", "key list", key_list);
    add_format(*key_leaf(key, "show", "Print a key with its secret, for its client",
                         "key show certbot --format knot", key_show));
    CLI::App* const create = key_leaf(key, "create", "Make a key and print it with its secret",
                                      "key create certbot > certbot.key", key_create);
    CLI::Option* const algorithm =
        create->add_option("--algorithm", to_.algorithm, "Its algorithm (default: hmac-sha256)")
            ->type_name("ALGORITHM")
            ->check(algorithm_problem);
    values_[algorithm] = {{Kind::kChoice, {"hmac-sha256", "hmac-sha384", "hmac-sha512"}}};
    add_format(*create);
    CLI::App* const import = leaf(key, "import", "Take the keys of a file of BIND, Knot or NSD",
                                  "key import /etc/bind/keys.conf", key_import);
    file(import->add_option("file", to_.file,
                            "The file, -: stdin; lines ALGORITHM:NAME:BASE64 will do too"))
        ->required();
    import->add_flag("--replace", to_.replace, "Even when a key is there with another secret");
    key_leaf(key, "delete", "Delete a key", "key delete certbot", key_delete);
  }

  /// RULE-WORDS...: `key:NAME`, `from:CIDR`, `name:PATTERN`, `type:TYPE`, `wait:none`.
  void add_rule_words(CLI::App& to, bool is_required) {
    to.add_option("rule", to_.words,
                  "key:NAME from:CIDR name:PATTERN type:TYPE wait:none, as many as are meant")
        ->type_name("RULE-WORDS...")
        ->required(is_required);
  }

  void add_policy() {
    CLI::App& policy = *group("policy", "Who may change what by updates");
    CLI::App* const list =
        leaf(policy, "list", "The rules, and where each is from", "policy list", policy_list);
    values_[list->add_option("zone", to_.zone, "Those that count for this zone")
                ->type_name("NAME")
                ->check(name_problem)] = {{Kind::kZone, {}}};
    add_rule_words(*zone_leaf(policy, "add", "Allow something",
                              "policy add example.com key:certbot name:_acme-challenge.* type:TXT",
                              policy_add),
                   true);
    CLI::App* const remove = zone_leaf(policy, "remove", "Take a rule back",
                                       "policy remove example.com --number 1", policy_remove);
    add_rule_words(*remove, false);
    remove->add_option("--number", to_.count, "The rule's number in the list")
        ->type_name("N")
        ->check(CLI::Range(std::int64_t{1}, kLargestLimit).description(""));
    add_policy_test(policy);
  }

  void add_policy_test(CLI::App& policy) {
    CLI::App* const test = zone_leaf(
        policy, "test", "Which rule decides; exit code 0: allowed, 1: refused",
        "policy test example.com --key certbot --name _acme-challenge --type TXT", policy_test);
    test->add_option("--key", to_.key, "Who signs with this key")
        ->type_name("NAME")
        ->check(name_problem);
    test->add_option("--from", to_.address, "Who asks from there")->type_name("ADDRESS");
    test->add_option("--name", to_.name, "What is changed: @, relative to the zone, or absolute")
        ->type_name("NAME")
        ->required();
    values_[test->add_option("--type", to_.type, "Its type; ANY: all of the name")
                ->type_name("TYPE")
                ->required()] = {record_types()};
  }

  void add_node() {
    leaf(app_, "status", "The node, its peers, its zones, what is wrong", "status", node_status);
    CLI::App* const log =
        leaf(app_, "log", "The log, newest entries last", "log -f --records", show_log);
    log->add_flag("-f,--follow", to_.follow, "Go on with new entries");
    add_entry_options(*log);
    CLI::App& link = *group("link", "The link between the nodes");
    CLI::App* const keep =
        leaf(link, "keep", "After a fork: whose history stays", "link keep this", link_keep);
    choose(keep->add_option("keep", to_.keep, "this node's or the peer's"), {"this", "peer"})
        ->required();
    CLI::App& node = *group("node", "This node");
    leaf(node, "key", "Print the node's key, made if there is none; needs no running node",
         "node key --data /srv/tandem", node_key);
    CLI::App* const completion = leaf(app_, "completion", "Print a shell's completion script",
                                      "completion bash", print_completion);
    choose(completion->add_option("shell", to_.shell, "The shell"), {"bash", "zsh", "fish"})
        ->required();
  }

  static void unmask_values(CLI::App& app) {
    for (CLI::Option* const option : app.get_options()) {
      if (option->get_items_expected_max() > 0) {
        option->transform([](const std::string& word) { return unmasked(word); });
      }
    }
    for (CLI::App* const sub : app.get_subcommands([](const CLI::App*) { return true; })) {
      unmask_values(*sub);
    }
  }

  CLI::App app_;
  Arguments& to_;
  Parsed& parsed_;
  std::map<const CLI::Option*, std::vector<WordValue>> values_;  // where one is more than a text
};

}  // namespace

Parsed parse_arguments(int argc, const char* const* argv) {
  const auto given = std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0);
  const bool as_json = std::ranges::find(given, std::string_view("--json")) != given.end();
  Parsed parsed;
  Tree tree(parsed);
  CLI::App& app = tree.app();
  try {
    app.parse(masked_words(given));
    return parsed;
  } catch (const CLI::CallForVersion& version) {
    print(version.what());
    return {};
  } catch (const CLI::CallForHelp&) {
    print(app.help());
    return {};
  } catch (const CLI::ParseError& error) {
    Parsed out;
    out.exit = usage_error(as_json ? ErrorForm::kJson : ErrorForm::kText, path_of(app),
                           explain(app, error, unmasked(app.remaining(true))));
    return out;
  }
}

std::vector<CommandWords> command_words() {
  Parsed parsed;
  Tree tree(parsed);
  std::vector<CommandWords> out;
  tree.collect(tree.app(), "", out);
  return out;
}

std::vector<FlagWords> value_flags(const std::vector<CommandWords>& commands) {
  std::vector<FlagWords> out;
  for (const CommandWords& command : commands) {
    for (const FlagWords& flag : command.flags) {
      if (flag.takes_value && std::ranges::find(out, flag.name, &FlagWords::name) == out.end()) {
        out.push_back(flag);
      }
    }
  }
  return out;
}

}  // namespace tandem
