#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <sstream>

#include <boost/version.hpp>
#include <fmt/core.h>

#include "common/base/text.h"
#include "common/base/version.h"
#include "common/crypto/digest.h"
#include "common/crypto/tsig_key.h"
#include "common/dns/master_file.h"
#include "common/dns/rdata.h"
#include "ctl/command_errors.h"
#include "ctl/command_tree_branches.h"
#include "ctl/masked_words.h"
#include "ctl/session.h"

namespace tandem {
namespace {

using Kind = WordValue::Kind;

constexpr std::int64_t kMostEntries = 1000;       // as the node gives
constexpr std::int64_t kLongestWait = 1'000'000;  // seconds
constexpr std::uint16_t kLastPlainType = 0x7fff;  // behind it little but private use

std::string log_text_problem(const std::string& text) {
  return is_printable(text) ? std::string() : "takes one line of UTF-8 without control characters";
}

std::string version_text() {
  return fmt::format(
      "tandemctl {}\nbuilt with Boost {}.{}.{}, CLI11 {}, fmt {}.{}.{}, OpenSSL {}\n", kVersion,
      BOOST_VERSION / 100'000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100, CLI11_VERSION,
      FMT_VERSION / 10'000, FMT_VERSION / 100 % 100, FMT_VERSION % 100, openssl_version());
}

/// Each command by one name: others that it takes are for who expects them.
class Help : public CLI::Formatter {
 public:
  [[nodiscard]] std::string make_subcommand(const CLI::App* sub) const override {
    std::ostringstream out;
    CLI::detail::format_help(out, sub->get_display_name(), sub->get_description(), column_width_);
    return out.str();
  }
};

}  // namespace

std::string name_problem(const std::string& text) {
  const auto name = Name::from_text(text);
  return name ? std::string() : name.error().detail;
}

std::string ttl_problem(const std::string& text) {
  return ttl_from_text(text) ? std::string()
                             : "expected seconds, or units such as 1h30m, got \"" + text + "\"";
}

std::string algorithm_problem(const std::string& text) {
  return tsig_algorithm_from_text(text) ? std::string()
                                        : "expected hmac-sha256 or such, got \"" + text + "\"";
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

CommandTree::CommandTree(Parsed& parsed)
    : app_("Asks and changes a Tandem node", "tandemctl"), to_(parsed.arguments), parsed_(parsed) {
  app_.set_version_flag("--version", [] { return version_text(); });
  app_.formatter(std::make_shared<Help>());  // before there are subcommands, which take it over
  app_.require_subcommand(1);
  app_.fallthrough();
  add_common_flags();
  add_zone();
  add_record();
  add_address();
  add_failover();
  add_key();
  add_policy();
  add_secondary();
  add_xfr();
  add_catalog();
  add_doctor();
  add_cluster();
  add_node();
  unmask_values(app_);
}

void CommandTree::collect(const CLI::App& app, const std::string& path,
                          std::vector<CommandWords>& to) const {
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

void CommandTree::add_common_flags() {
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
  app_.add_option("--wait", to_.wait,
                  "Whom a change waits for: none, secondary or all, such as all:10s")
      ->type_name("WHOM[:TIME]")
      ->check(log_text_problem);
  app_.add_option("--timeout", to_.timeout_seconds,
                  "Give up after so many seconds without progress (default: 300; 0: never)")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::int64_t{0}, kLongestWait).description(""));
}

CLI::App* CommandTree::group(const std::string& name, const std::string& help) {
  CLI::App* const made = app_.add_subcommand(name, help);
  made->require_subcommand(1);
  made->fallthrough();
  return made;
}

CLI::App* CommandTree::leaf(CLI::App& parent, const std::string& name, const std::string& help,
                            const std::string& example, Command command) {
  CLI::App* const made = parent.add_subcommand(name, help);
  made->fallthrough();
  made->callback([this, command] { parsed_.command = command; });
  made->footer("Example: tandemctl " + example +
               "\n\nWith every command: --data DIR, --config FILE, --socket PATH, --json, "
               "--reason TEXT,\n--request-id ID, --wait WHOM[:TIME], --timeout SECONDS "
               "(tandemctl --help)");
  return made;
}

CLI::App* CommandTree::zone_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                                 const std::string& example, Command command) {
  CLI::App* const made = leaf(parent, name, help, example, command);
  CLI::Option* const zone = made->add_option("zone", to_.zone, "The zone's name")
                                ->type_name("NAME")
                                ->required()
                                ->check(name_problem);
  values_[zone] = {{Kind::kZone, {}}};
  return made;
}

CLI::Option* CommandTree::choose(CLI::Option* option, const std::vector<std::string>& choices) {
  values_[option] = {{Kind::kChoice, choices}};
  return option->check(CLI::IsMember(choices));
}

CLI::Option* CommandTree::file(CLI::Option* option, const std::string& form) {
  values_[option] = {{Kind::kFile, {}}};
  return option->type_name(form);
}

void CommandTree::add_entry_options(CLI::App& to, const std::string& usual) {
  to.add_option("-n,--limit", to_.count, "So many entries, at most 1000 (default: " + usual + ")")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, kMostEntries).description(""));
  to.add_flag("--records", to_.show_records, "Show the records of each change");
}

void CommandTree::add_node() {
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
  CLI::App* const promote =
      leaf(app_, "promote", "Let this node lead its cluster", "promote --dry-run", promote_node);
  CLI::Option* const planned = promote->add_flag(
      "--planned", to_.planned, "Take over from the leader that is connected: nothing is lost");
  promote
      ->add_flag("--force", to_.force,
                 "Also where changes are missing here, or the leader is connected")
      ->excludes(planned);
  promote->add_flag("--dry-run", to_.dry_run, "Only say what is known and what could be lost");
  add_orphans();
  CLI::App& tell = *group("tell", "Who is told what a human has to know");
  leaf(tell, "test", "Try every webhook and program once, and say what came of it", "tell test",
       tell_test);
  CLI::App& node = *group("node", "This node");
  leaf(node, "key", "Print the node's key, made if there is none; needs no running node",
       "node key --data /srv/tandem", node_key);
  CLI::App* const completion = leaf(app_, "completion", "Print a shell's completion script",
                                    "completion bash", print_completion);
  choose(completion->add_option("shell", to_.shell, "The shell"), {"bash", "zsh", "fish"})
      ->required();
}

void CommandTree::add_orphans() {
  CLI::App& orphans = *group("orphans", "Changes that lost against another history");
  leaf(orphans, "list", "List them, oldest first", "orphans list --records", list_orphans)
      ->add_flag("--records", to_.show_records, "Show the records of each change");
  const auto add_ids = [this](CLI::App& to) {
    return to.add_option("id", to_.ids, "Which ones, as `orphans list` names them")
        ->type_name("ID");
  };
  add_ids(*leaf(orphans, "diff", "What they did, and whether it could be made again",
                "orphans diff", diff_orphans));
  CLI::App* const apply = leaf(orphans, "apply", "Make them again, as new changes",
                               "orphans apply --all", apply_orphans);
  CLI::App* const discard = leaf(orphans, "discard", "Say that they are not wanted any more",
                                 "orphans discard 1.1207", discard_orphans);
  for (CLI::App* const each : {apply, discard}) {
    each->add_flag("--all", to_.all, "All that are open")->excludes(add_ids(*each));
  }
  apply->add_flag("--force", to_.force, "Also where the same was changed by others since");
}

void CommandTree::unmask_values(CLI::App& app) {
  for (CLI::Option* const option : app.get_options()) {
    if (option->get_items_expected_max() > 0) {
      option->transform([](const std::string& word) { return unmasked(word); });
    }
  }
  for (CLI::App* const sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    unmask_values(*sub);
  }
}

Parsed parse_arguments(int argc, const char* const* argv) {
  const auto given = std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0);
  const bool as_json = std::ranges::find(given, std::string_view("--json")) != given.end();
  Parsed parsed;
  CommandTree tree(parsed);
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
  CommandTree tree(parsed);
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
