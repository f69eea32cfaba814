// `tandemctl failover ...`: alternatives to record sets.
#include "ctl/command_tree_branches.h"

namespace tandem {

CLI::App* CommandTree::failover_leaf(CLI::App& parent, const std::string& name,
                                     const std::string& help, const std::string& example,
                                     Command command) {
  CLI::App* const made = zone_leaf(parent, name, help, example, command);
  made->add_option("name", to_.name, "The owner: @, relative to the zone, or absolute")
      ->type_name("NAME")
      ->required();
  values_[made->add_option("type", to_.type, "The set's type")->type_name("TYPE")->required()] = {
      record_types()};
  return made;
}

void CommandTree::add_failover() {
  CLI::App& failover = *group("failover", "What is answered while a service is down");
  leaf(failover, "list", "All, how their services are, and what is answered", "failover list",
       failover_list)
      ->alias("status");
  CLI::App* const set = failover_leaf(
      failover, "set", "Answer other data for a set while the check of its service fails",
      "failover set example.com www A --alternative 203.0.113.7 --check "
      "http://192.0.2.1:80/health",
      failover_set);
  set->add_option("--alternative", to_.alternatives, "The data of one record; repeatable")
      ->type_name("DATA")
      ->required()
      ->allow_extra_args(false);
  set->add_option("--ttl", to_.ttl, "Of the alternative (default: 60)")
      ->type_name("TTL")
      ->check(ttl_problem);
  set->add_option("--check", to_.check,
                  "tcp:ADDRESS:PORT, http://ADDRESS[:PORT][/PATH] or https://...")
      ->type_name("CHECK")
      ->required();
  set->add_option("--host", to_.check_host,
                  "The name that the web server is asked for; over TLS its certificate is checked")
      ->type_name("NAME");
  set->add_option("--status", to_.check_status,
                  "The HTTP status that it has to answer (default: any of 200 to 299)")
      ->type_name("N");
  set->add_option("--text", to_.check_text, "What has to be in the body of its answer")
      ->type_name("TEXT");
  set->add_option("--every", to_.every, "How often it is checked (default: 10s)")
      ->type_name("TIME")
      ->check(ttl_problem);
  set->add_option("--fall", to_.fall, "It is down after so many failures in a row (default: 3)")
      ->type_name("N");
  set->add_option("--rise", to_.rise, "It is up after so many successes in a row (default: 2)")
      ->type_name("N");
  choose(set->add_option("--mode", to_.failover_mode,
                         "answers: only what the nodes answer (the default); changes: the zone is "
                         "changed, so that outside secondaries see it"),
         {"answers", "changes"});
  failover_leaf(failover, "remove", "Answer what the zone has, whatever the service does",
                "failover remove example.com www A", failover_remove)
      ->alias("delete");
}

}  // namespace tandem
