// `tandemctl key ...` and `tandemctl policy ...`: who may change what.
#include "ctl/command_tree_branches.h"

namespace tandem {

CLI::App* CommandTree::key_leaf(CLI::App& parent, const std::string& name, const std::string& help,
                                const std::string& example, Command command) {
  CLI::App* const made = leaf(parent, name, help, example, command);
  made->add_option("name", to_.name, "The key's name")
      ->type_name("NAME")
      ->required()
      ->check(name_problem);
  return made;
}

void CommandTree::add_format(CLI::App& to) {
  choose(to.add_option("--format", to_.format, "For whom the key is printed (default: bind)"),
         {"bind", "knot", "text"});
}

void CommandTree::add_key() {
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
  values_[algorithm] = {{WordValue::Kind::kChoice, {"hmac-sha256", "hmac-sha384", "hmac-sha512"}}};
  add_format(*create);
  CLI::App* const import = leaf(key, "import", "Take the keys of a file of BIND, Knot or NSD",
                                "key import /etc/bind/keys.conf", key_import);
  file(import->add_option("file", to_.file,
                          "The file, -: stdin; lines ALGORITHM:NAME:BASE64 will do too"))
      ->required();
  import->add_flag("--replace", to_.replace, "Even when a key is there with another secret");
  key_leaf(key, "delete", "Delete a key", "key delete certbot", key_delete)->alias("remove");
}

void CommandTree::add_rule_words(CLI::App& to, bool is_required) {
  to.add_option(
        "rule", to_.words,
        "key:NAME from:CIDR name:PATTERN type:TYPE wait:none|all expire:TIME, as many as are meant")
      ->type_name("RULE-WORDS...")
      ->required(is_required);
}

void CommandTree::add_policy() {
  CLI::App& policy = *group("policy", "Who may change what by updates");
  CLI::App* const list =
      leaf(policy, "list", "The rules, and where each is from", "policy list", policy_list);
  values_[list->add_option("zone", to_.zone, "Those that count for this zone")
              ->type_name("NAME")
              ->check(name_problem)] = {{WordValue::Kind::kZone, {}}};
  add_rule_words(
      *zone_leaf(policy, "add", "Allow something",
                 "policy add example.com key:certbot name:_acme-challenge.* type:TXT", policy_add),
      true);
  CLI::App* const remove = zone_leaf(policy, "remove", "Take a rule back",
                                     "policy remove example.com --number 1", policy_remove);
  remove->alias("delete");
  add_rule_words(*remove, false);
  remove->add_option("--number", to_.count, "The rule's number in the list")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, kLargestLimit).description(""));
  add_policy_test(policy);
}

void CommandTree::add_policy_test(CLI::App& policy) {
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

}  // namespace tandem
