// `tandemctl catalog ...`: zones that list zones (RFC 9432).
#include "ctl/command_tree_branches.h"

namespace tandem {

CLI::App* CommandTree::catalog_leaf(CLI::App& parent, const std::string& name,
                                    const std::string& help, const std::string& example,
                                    Command command) {
  CLI::App* const made = leaf(parent, name, help, example, command);
  CLI::Option* const catalog = made->add_option("catalog", to_.catalog, "The catalog zone's name")
                                   ->type_name("CATALOG")
                                   ->required()
                                   ->check(name_problem);
  values_[catalog] = {{WordValue::Kind::kZone, {}}};
  return made;
}

CLI::Option* CommandTree::add_group(CLI::App& to, const std::string& name,
                                    const std::string& help) {
  return to.add_option(name, to_.group, help)->type_name("GROUP");
}

void CommandTree::add_catalog() {
  CLI::App& catalog = *group("catalog", "Zones that tell other servers which zones there are");
  leaf(catalog, "list", "All, and how many zones they list", "catalog list", catalog_list);
  catalog_leaf(catalog, "show", "What it lists", "catalog show catalog.invalid", catalog_show);
  CLI::App* const create =
      catalog_leaf(catalog, "create", "Make one of this cluster's zones, or make it in another way",
                   "catalog create catalog.invalid --group home", catalog_create);
  add_group(*create, "--group", "The group of zones that have none of their own");
  create->add_flag("--named", to_.only_named,
                   "List only zones that are put in (default: all but those left out)");
  catalog_leaf(catalog, "follow",
               "Take the zones that another server's catalog lists; the words: PRIMARY... as of "
               "`zone pull`, members-from:PRIMARY, group:NAME=serve-after-expire",
               "catalog follow catalog.invalid 192.0.2.1,key:up", catalog_follow)
      ->add_option("words", to_.words, "Where from, and how")
      ->type_name("WORDS...")
      ->required();
  catalog_leaf(catalog, "remove",
               "End one: who follows it drops its zones, or keeps them, by its "
               "own rules",
               "catalog remove catalog.invalid", catalog_remove)
      ->alias("delete");
  CLI::App* const set_group =
      zone_leaf(catalog, "set-group", "How others are to treat a zone, by their name for it",
                "catalog set-group example.com signed", catalog_set_group);
  add_group(*set_group, "group", "The group (default: the catalog's)");
  CLI::App* const put_in =
      zone_leaf(catalog, "put-in", "List a zone in one catalog alone; without one: as is usual",
                "catalog put-in example.com catalog.invalid", catalog_put_in);
  values_[put_in->add_option("catalog", to_.catalog, "The catalog zone's name")
              ->type_name("CATALOG")
              ->check(name_problem)] = {{WordValue::Kind::kZone, {}}};
  zone_leaf(catalog, "leave-out", "List a zone in no catalog", "catalog leave-out lab.example",
            catalog_leave_out);
  CLI::App* const move =
      zone_leaf(catalog, "move",
                "The next of three steps by which a zone goes to another catalog and keeps its "
                "state where both are followed",
                "catalog move example.com new.invalid", catalog_move);
  values_[move->add_option("catalog", to_.catalog, "Where it goes")
              ->type_name("CATALOG")
              ->required()
              ->check(name_problem)] = {{WordValue::Kind::kZone, {}}};
}

}  // namespace tandem
