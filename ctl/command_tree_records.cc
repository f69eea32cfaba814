// `tandemctl record ...` and `tandemctl address ...`.
#include "ctl/command_tree_branches.h"

namespace tandem {

void CommandTree::add_record() {
  CLI::App& record = *group("record", "Records");
  CLI::App* const list =
      zone_leaf(record, "list", "Records of a zone", "record list example.com www A", record_list);
  list->add_option("name", to_.name, "Only of this name")->type_name("NAME");
  values_[list->add_option("type", to_.type, "Only of this type")->type_name("TYPE")] = {
      record_types()};
  CLI::App* const add =
      zone_leaf(record, "add", "Add records to a set",
                "record add example.com www 600 A 192.0.2.1 192.0.2.2", record_add);
  CLI::App* const set = zone_leaf(record, "set", "Make a set exactly this",
                                  "record set example.com @ MX '10 mail' '20 mail2'", record_set);
  for (CLI::App* const put : {add, set}) {
    add_words(*put, "[TTL] TYPE DATA...", true);
    add_note_options(*put);
    put->add_flag("--disabled", to_.disable, "Keep them, but do not answer with them");
  }
  CLI::App* const gone = zone_leaf(record, "delete", "Delete a name, a set or one record",
                                   "record delete example.com www A 192.0.2.1", record_delete);
  gone->alias("remove");
  add_words(*gone, "[TYPE [DATA...]]", false);
  gone->add_flag("--if-exists", to_.if_exists, "Exit with 0 when there was nothing to delete too");
  CLI::App* const note = zone_leaf(
      record, "note", "Say something about records, let them go by themselves, disable them",
      "record note example.com www A --comment 'the old web server' --expires 30d", record_note);
  note->add_option("name", to_.name, "The owner: @, relative to the zone, or absolute")
      ->type_name("NAME")
      ->required();
  values_[note->add_option("words", to_.words, "Which records; behind -- no flags")
              ->type_name("TYPE [DATA...]")
              ->required()] = {record_types()};
  add_note_options(*note);
  note->add_flag("--disable", to_.disable, "Keep them, but do not answer with them")
      ->excludes(note->add_flag("--enable", to_.enable, "Answer with them again"));
}

void CommandTree::add_words(CLI::App& to, const std::string& form, bool is_required) {
  to.add_option("name", to_.name, "The owner: @, relative to the zone, or absolute")
      ->type_name("NAME")
      ->required();
  CLI::Option* const words = to.add_option("words", to_.words, "What it is; behind -- no flags")
                                 ->type_name(form)
                                 ->required(is_required);
  // The type, or a TTL before it.
  values_[words] = std::vector<WordValue>(is_required ? 2 : 1, record_types());
}

void CommandTree::add_note_options(CLI::App& to) {
  to.add_option("--comment", to_.comment, "What people should know about them; '': nothing")
      ->type_name("TEXT");
  to.add_option("--expires", to_.expires,
                "When they go by themselves: from now in 600 (seconds), 90m, 12h, 30d or 2w; at "
                "2026-12-31 or 2026-12-31T23:59:59Z (UTC); or never")
      ->type_name("TIME");
}

CLI::App* CommandTree::address_leaf(CLI::App& parent, const std::string& name,
                                    const std::string& help, const std::string& example,
                                    Command command) {
  CLI::App* const made = leaf(parent, name, help, example, command);
  made->add_option("name", to_.name, "The address's name")->type_name("NAME")->required();
  return made;
}

void CommandTree::add_address() {
  CLI::App& address = *group("address", "Addresses that records follow by name, as @NAME");
  leaf(address, "list", "All, and how many records follow each", "address list", address_list);
  address_leaf(address, "set", "Give it a value; what follows it changes with it",
               "address set home4 192.0.2.1", address_set)
      ->add_option("value", to_.address, "An address, or an IPv6 prefix: 2001:db8:1:2::/64")
      ->type_name("ADDRESS")
      ->required();
  address_leaf(address, "remove", "Forget it; what followed it stays as it is",
               "address remove home4", address_remove)
      ->alias("delete");
  CLI::App* const bind =
      address_leaf(address, "bind", "Let records that have this address follow it",
                   "address bind home4 example.com", address_bind);
  bind->add_flag("--dry-run", to_.dry_run, "Say how many records would");
  values_[bind->add_option("zones", to_.zones, "Of these zones (default: of all)")
              ->type_name("ZONE...")
              ->check(name_problem)] = {{WordValue::Kind::kZone, {}}};
}

}  // namespace tandem
