// `tandemctl secondary ...`, `tandemctl zone pull`, `tandemctl zone unpull`, `tandemctl xfr ...`
// and `tandemctl doctor`: servers outside of the cluster.
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

void CommandTree::add_pull(CLI::App& zone) {
  zone_leaf(zone, "pull", "Take a zone from its primaries from now on (AXFR, IXFR)",
            "zone pull example.com 192.0.2.1,key:transfer 198.51.100.1", zone_pull)
      ->add_option("primaries", to_.words,
                   "ADDRESS[:PORT][,key:NAME][,tls][,pin:SHA256:...][,host:NAME] of each")
      ->type_name("PRIMARY...")
      ->required();
  zone_leaf(zone, "unpull", "Make a zone that was pulled one of this server's own",
            "zone unpull example.com", zone_unpull);
}

void CommandTree::add_xfr() {
  CLI::App& xfr = *group("xfr", "Zones on their way from and to other servers");
  add_some_zone(*leaf(xfr, "status", "Who has which zone", "xfr status example.com", xfr_status),
                "Only this zone");
  CLI::App* const notify = zone_leaf(xfr, "notify", "Tell outside secondaries of a zone now",
                                     "xfr notify example.com he", xfr_notify);
  notify->add_option("secondary", to_.name, "Only the one of this name")->type_name("NAME");
  zone_leaf(xfr, "retransfer", "Take a pulled zone as a whole now, whatever its serial",
            "xfr retransfer example.com", xfr_retransfer);
}

void CommandTree::add_doctor() {
  CLI::App* const made =
      zone_leaf(app_, "doctor",
                "Ask the parent's and all of a zone's servers what is wrong with it; exit code 1: "
                "something is",
                "doctor example.com", doctor);
  made->add_option("--resolver", to_.resolver,
                   "Who says where the parent is (default: of /etc/resolv.conf)")
      ->type_name("ADDRESS[:PORT]");
  made->add_option("--parent", to_.parents,
                   "A server of the parent, instead of looking for them; repeatable")
      ->type_name("ADDRESS[:PORT]")
      ->allow_extra_args(false);
  made->add_option("--server", to_.servers,
                   "Where a name server is, instead of the addresses of its name; repeatable")
      ->type_name("NAME=ADDRESS[:PORT]")
      ->allow_extra_args(false);
  made->add_flag("--no-node", to_.is_without_node, "Do not compare with this node");
}

}  // namespace tandem
