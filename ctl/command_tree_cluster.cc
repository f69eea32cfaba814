// `tandemctl cluster ...`: the nodes of the cluster.
#include "ctl/command_tree_branches.h"

namespace tandem {

void CommandTree::add_cluster() {
  CLI::App& cluster = *group("cluster", "The nodes of the cluster");
  leaf(cluster, "list", "The other nodes, and invitations that are open", "cluster list",
       cluster_list);
  CLI::App* const invite =
      leaf(cluster, "invite", "Print a one-time token for a new node, and dial it until it is used",
           "cluster invite --at vm.example.net:7953 --name ns2.example.net", cluster_invite);
  invite->add_option("--at", to_.address, "Where the new node listens (tandem-secondary join)")
      ->type_name("HOST:PORT")
      ->required();
  invite->add_option("--name", to_.name, "Its name in NS records")
      ->type_name("NAME")
      ->check(name_problem);
  CLI::App* const remove = leaf(cluster, "remove", "End the access of a node, at once",
                                "cluster remove vm.example.net:7953", cluster_remove);
  remove->add_option("node", to_.name, "Its node id, key, address or NS name, as list shows them")
      ->type_name("NODE")
      ->required();
  leaf(cluster, "rotate", "Make a new key for this node, and have the others know it first",
       "cluster rotate", cluster_rotate);
}

}  // namespace tandem
