// The tree of commands while it is built: command_tree.cc has its root and what all commands share,
// command_tree_zones.cc, command_tree_records.cc, command_tree_keys.cc, command_tree_outside.cc,
// command_tree_failover.cc and command_tree_catalogs.cc the larger branches.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#define CLI11_BOOST_OPTIONAL 0
#include <CLI/CLI.hpp>

#include "ctl/command_tree.h"

namespace tandem {

constexpr std::int64_t kLargestLimit = 0x7fff'ffff;  // as the node takes
constexpr std::int64_t kLargestSerial = 0xffff'ffff;

// What is wrong with a word; empty: nothing.
[[nodiscard]] std::string name_problem(const std::string& text);
[[nodiscard]] std::string ttl_problem(const std::string& text);
[[nodiscard]] std::string algorithm_problem(const std::string& text);

/// For completion: the types that a zone holds.
[[nodiscard]] WordValue record_types();

class CommandTree {
 public:
  explicit CommandTree(Parsed& parsed);

  CLI::App& app() { return app_; }

  /// All commands below `app`, itself first.
  void collect(const CLI::App& app, const std::string& path, std::vector<CommandWords>& to) const;

 private:
  using Command = CommandResult (*)(const Arguments&);

  void add_common_flags();
  CLI::App* group(const std::string& name, const std::string& help);
  CLI::App* leaf(CLI::App& parent, const std::string& name, const std::string& help,
                 const std::string& example, Command command);
  CLI::App* zone_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                      const std::string& example, Command command);
  CLI::Option* choose(CLI::Option* option, const std::vector<std::string>& choices);
  CLI::Option* file(CLI::Option* option, const std::string& form = "FILE");
  void add_limit(CLI::App& to, const std::string& more = "");
  void add_options_of_zone(CLI::App& to);
  void add_zone_create(CLI::App& zone);
  void add_zone_import(CLI::App& zone);
  void add_other_servers(CLI::App& import);
  void add_zone();
  /// A state of a zone: by a serial, or by an entry.
  void add_state(CLI::App& to, const std::string& flags, std::optional<std::uint32_t>& serial,
                 std::optional<std::uint64_t>& entry, const std::string& what);
  void add_history(CLI::App& zone);
  void add_entry_options(CLI::App& to, const std::string& usual = "20");
  void add_record();
  void add_words(CLI::App& to, const std::string& form, bool is_required);
  /// `--comment` and `--expires`.
  void add_note_options(CLI::App& to);
  CLI::App* address_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                         const std::string& example, Command command);
  void add_address();
  CLI::App* failover_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                          const std::string& example, Command command);
  void add_failover();
  CLI::App* key_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                     const std::string& example, Command command);
  void add_format(CLI::App& to);
  void add_key();
  /// RULE-WORDS...: `key:NAME`, `from:CIDR`, `name:PATTERN`, `type:TYPE`, `wait:`,
  /// `expire:TIME`.
  void add_rule_words(CLI::App& to, bool is_required);
  void add_policy();
  void add_policy_test(CLI::App& policy);
  /// `zone pull` and `zone unpull`.
  void add_pull(CLI::App& zone);
  CLI::App* secondary_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                           const std::string& example, Command command);
  void add_some_zone(CLI::App& to, const std::string& help);
  void add_secondary();
  void add_xfr();
  CLI::App* catalog_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                         const std::string& example, Command command);
  CLI::Option* add_group(CLI::App& to, const std::string& name, const std::string& help);
  void add_catalog();
  void add_doctor();
  void add_cluster();
  void add_node();
  void add_orphans();
  static void unmask_values(CLI::App& app);

  CLI::App app_;
  Arguments& to_;
  Parsed& parsed_;
  std::map<const CLI::Option*, std::vector<WordValue>> values_;  // where one is more than a text
};

}  // namespace tandem
