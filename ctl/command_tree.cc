#include "ctl/command_tree.h"

#include <CLI/CLI.hpp>

#include "common/base/version.h"
#include "ctl/session.h"

namespace tandem {
namespace {

using Command = CommandResult (*)(const Arguments&);

/// The tree; what it parses goes into `parsed`.
class Tree {
 public:
  explicit Tree(Parsed& parsed)
      : app_("Asks and changes a Tandem node", "tandemctl"),
        to_(parsed.arguments),
        parsed_(parsed) {
    app_.set_version_flag("--version", "tandemctl " + std::string(kVersion));
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.add_option("--data", to_.data,
                    "The node's data folder (default: TANDEM_DATA, else /var/lib/tandem)")
        ->type_name("DIR");
    app_.add_option("--config", to_.config, "Take the data folder from this file")
        ->type_name("FILE");
    app_.add_option("--socket", to_.socket, "The node's socket itself")->type_name("PATH");
    app_.add_flag("--json", to_.json, "Print JSON");
    app_.add_option("--reason", to_.reason, "Why: kept with the change in the log")
        ->type_name("TEXT");
    app_.add_option("--request-id", to_.request_id, "Kept with the change in the log")
        ->type_name("ID");
    app_.add_option("--timeout", to_.timeout_seconds,
                    "Give up after so many seconds without progress")
        ->type_name("SECONDS");
    add_zone();
    add_record();
    add_node();
  }

  CLI::App& app() { return app_; }

 private:
  CLI::App* group(const std::string& name, const std::string& help) {
    CLI::App* const made = app_.add_subcommand(name, help);
    made->require_subcommand(1);
    made->fallthrough();
    return made;
  }

  CLI::App* leaf(CLI::App& parent, const std::string& name, const std::string& help,
                 Command command) {
    CLI::App* const made = parent.add_subcommand(name, help);
    made->fallthrough();
    made->callback([this, command] { parsed_.command = command; });
    return made;
  }

  CLI::App* zone_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                      Command command) {
    CLI::App* const made = leaf(parent, name, help, command);
    made->add_option("zone", to_.zone, "The zone's name")->type_name("NAME")->required();
    return made;
  }

  void add_options_of_zone(CLI::App& to) {
    to.add_option("--serial-policy", to_.serial_policy, "How serials grow")
        ->check(CLI::IsMember({"increment", "date", "unixtime"}));
    to.add_option("--serve-after-expire", to_.serve_after_expire,
                  "Whether a secondary goes on answering after SOA EXPIRE")
        ->check(CLI::IsMember({"yes", "no"}));
    to.add_option("--rrset-records-max", to_.rrset_records_max, "Records in one set, at most")
        ->type_name("N");
  }

  void add_zone_create(CLI::App& zone) {
    CLI::App* const create = zone_leaf(zone, "create", "Make a zone", zone_create);
    create->add_option("--nameserver", to_.nameservers, "A name server of the zone; repeatable")
        ->type_name("NAME");
    create->add_option("--primary", to_.primary, "SOA MNAME (default: the first name server)")
        ->type_name("NAME");
    create->add_option("--contact", to_.contact, "SOA RNAME (default: hostmaster.ZONE)")
        ->type_name("NAME");
    create->add_option("--ttl", to_.ttl, "TTL of its first records")->type_name("TTL");
    create->add_option("--file", to_.file, "Take the records from this file")->type_name("FILE");
    add_options_of_zone(*create);
  }

  void add_zone() {
    CLI::App& zone = *group("zone", "Zones");
    leaf(zone, "list", "All zones", zone_list);
    zone_leaf(zone, "show", "All about one zone", zone_show);
    add_zone_create(zone);
    CLI::App* const import = leaf(zone, "import", "Take a zone from a master file", zone_import);
    import->add_option("file", to_.file, "The file; the zone is what its SOA says, or NAME")
        ->type_name("[NAME=]FILE")
        ->required();
    import->add_flag("--replace", to_.replace, "Even when the zone is there with other content");
    import->add_flag("--dry-run", to_.dry_run, "Show what would change");
    CLI::App* const out = zone_leaf(zone, "export", "Print a zone as a master file", zone_export);
    out->add_option("-o,--output", to_.output, "Write it to this file")->type_name("FILE");
    add_options_of_zone(*zone_leaf(zone, "options", "Change a zone's options", zone_options));
    zone_leaf(zone, "delete", "Delete a zone", zone_delete);
    zone_leaf(zone, "digest", "Digests of a zone's content, equal on equal nodes", zone_digest);
    CLI::App* const history =
        zone_leaf(zone, "history", "A zone's changes, newest first", zone_history);
    add_entry_options(*history);
    CLI::App* const check = leaf(zone, "check", "Check a master file; needs no node", zone_check);
    check->add_option("file", to_.file, "The file")->type_name("FILE")->required();
    check->add_option("--origin", to_.origin, "The zone's name")->type_name("NAME");
  }

  void add_entry_options(CLI::App& to) {
    to.add_option("-n", to_.count, "So many entries")->type_name("N");
    to.add_flag("--records", to_.show_records, "Show the records of each change");
  }

  void add_record() {
    CLI::App& record = *group("record", "Records");
    CLI::App* const list = zone_leaf(record, "list", "Records of a zone", record_list);
    list->add_option("name", to_.name, "Only of this name")->type_name("NAME");
    list->add_option("type", to_.type, "Only of this type")->type_name("TYPE");
    add_words(*zone_leaf(record, "add", "Add records to a set", record_add), "[TTL] TYPE DATA...",
              true);
    add_words(*zone_leaf(record, "set", "Make a set exactly this", record_set),
              "[TTL] TYPE DATA...", true);
    add_words(*zone_leaf(record, "delete", "Delete a name, a set or one record", record_delete),
              "[TYPE [DATA...]]", false);
  }

  void add_words(CLI::App& to, const std::string& form, bool required) {
    to.add_option("name", to_.name, "The owner: @, relative to the zone, or absolute")
        ->type_name("NAME")
        ->required();
    to.add_option("words", to_.words, "What it is")->type_name(form)->required(required);
  }

  void add_node() {
    leaf(app_, "status", "The node, its peers, its zones, what is wrong", node_status);
    CLI::App* const log = leaf(app_, "log", "The log, newest entries last", show_log);
    log->add_flag("-f,--follow", to_.follow, "Go on with new entries");
    add_entry_options(*log);
    CLI::App& link = *group("link", "The link between the nodes");
    CLI::App* const keep = leaf(link, "keep", "After a fork: whose history stays", link_keep);
    keep->add_option("keep", to_.keep, "this node's or the peer's")
        ->check(CLI::IsMember({"this", "peer"}))
        ->required();
    CLI::App& node = *group("node", "This node");
    leaf(node, "key", "Print the node's key, made if there is none; needs no running node",
         node_key);
    CLI::App* const completion =
        leaf(app_, "completion", "Print a shell's completion script", print_completion);
    completion->add_option("shell", to_.shell, "The shell")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}))
        ->required();
  }

  CLI::App app_;
  Arguments& to_;
  Parsed& parsed_;
};

/// The words that led to the command which found the error: `zone show`.
std::string path_of(const CLI::App& app) {
  std::string path;
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    path += (path.empty() ? "" : " ") + at->get_name();
  }
  return path;
}

void collect(const CLI::App& app, const std::string& path, std::vector<CommandWords>& to) {
  CommandWords words;
  words.path = path;
  for (const CLI::Option* const option : app.get_options()) {
    if (option->get_positional()) {
      words.takes_zone = words.takes_zone || option->get_name() == "zone";
      words.takes_file = words.takes_file || option->get_name() == "file";
      continue;
    }
    for (const std::string& name : option->get_lnames()) {
      words.flags.push_back("--" + name);
    }
    for (const std::string& name : option->get_snames()) {
      words.flags.push_back("-" + name);
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

}  // namespace

Parsed parse_arguments(int argc, const char* const* argv) {
  Parsed parsed;
  Tree tree(parsed);
  CLI::App& app = tree.app();
  try {
    app.parse(argc, argv);
    return parsed;
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return {};
  } catch (const CLI::CallForHelp&) {
    print(app.help());
    return {};
  } catch (const CLI::ParseError& error) {
    Parsed out;
    out.exit = usage_error(path_of(app), error.what());
    return out;
  }
}

std::vector<CommandWords> command_words() {
  Parsed parsed;
  Tree tree(parsed);
  std::vector<CommandWords> out;
  collect(tree.app(), "", out);
  return out;
}

}  // namespace tandem
