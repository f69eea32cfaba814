// `tandemctl secondary ...` and `tandemctl xfr ...`: servers outside of the cluster.
#include "ctl/command_tree_branches.h"

namespace tandem {

CLI::App* CommandTree::secondary_leaf(CLI::App& parent, const std::string& name,
                                      const std::string& help, const std::string& example,
                                      Command command) {
  CLI::App* const made = leaf(parent, name, help, example, command);
  made->add_option("name", to_.name, "The outside secondary's name")->type_name("NAME")->required();
  return made;
}

void CommandTree::add_some_zone(CLI::App& to, const std::string& help) {
  values_[to.add_option("zone", to_.zone, help)->type_name("ZONE")->check(name_problem)] = {
      {WordValue::Kind::kZone, {}}};
}

void CommandTree::add_secondary() {
  CLI::App& secondary = *group("secondary", "Servers outside of the cluster that follow zones");
  leaf(secondary, "list", "All, what they serve, and what is wrong", "secondary list",
       secondary_list);
  CLI::App* const add = secondary_leaf(
      secondary, "add", "Let a server follow, or change how it does; then look at it",
      "secondary add he notify:216.218.130.2 transfer:216.218.133.2", secondary_add);
  add->add_option("words", to_.words,
                  "notify:ADDRESS[:PORT] via:ADDRESS key:NAME transfer:CIDR tls cert:FINGERPRINT "
                  "zone:NAME, as many as are meant")
      ->type_name("WORDS...")
      ->required();
  add->add_flag("--no-check", to_.is_unchecked, "Do not ask it what it serves");
  secondary_leaf(secondary, "remove", "Let it follow no longer", "secondary remove he",
                 secondary_remove)
      ->alias("delete");
  add_some_zone(
      *secondary_leaf(secondary, "check", "Ask it what it serves; exit code 1: something is wrong",
                      "secondary check he", secondary_check),
      "Only this zone (default: the first 20)");
}

void CommandTree::add_xfr() {
  CLI::App& xfr = *group("xfr", "Zones on their way from and to other servers");
  add_some_zone(*leaf(xfr, "status", "Who has which zone", "xfr status example.com", xfr_status),
                "Only this zone");
  CLI::App* const notify = zone_leaf(xfr, "notify", "Tell outside secondaries of a zone now",
                                     "xfr notify example.com he", xfr_notify);
  notify->add_option("secondary", to_.name, "Only the one of this name")->type_name("NAME");
}

}  // namespace tandem
