// `tandemctl zone ...`.
#include "ctl/command_tree_branches.h"

namespace tandem {

void CommandTree::add_limit(CLI::App& to, const std::string& more) {
  to.add_option("--rrset-records-max", to_.rrset_records_max,
                "Records in one set, at most (default: 100; 0: the default)" + more)
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, kLargestLimit).description(""));
}

void CommandTree::add_options_of_zone(CLI::App& to) {
  choose(to.add_option("--serial-policy", to_.serial_policy,
                       "How serials grow (a new zone: increment)"),
         {"increment", "date", "unixtime"});
  choose(to.add_option("--serve-after-expire", to_.serve_after_expire,
                       "Whether a secondary goes on answering after SOA EXPIRE (a new zone: no)"),
         {"yes", "no"});
  choose(to.add_option("--zonemd", to_.zonemd,
                       "Whether the zone has its own digest in it, ZONEMD (a new zone: no)"),
         {"yes", "no"});
  add_limit(to);
}

void CommandTree::add_zone_create(CLI::App& zone) {
  CLI::App* const create = zone_leaf(
      zone, "create", "Make a zone",
      "zone create example.com --nameserver ns1 --nameserver ns.example.net", zone_create);
  CLI::Option* const from_file =
      file(create->add_option("--file", to_.file, "Take the records from this file; -: stdin"));
  create
      ->add_option("--nameserver", to_.nameservers,
                   "A name server of the zone, in it when it has no dot; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->check(name_problem)
      ->excludes(from_file);
  create->add_option("--primary", to_.primary, "SOA MNAME (default: the first name server)")
      ->type_name("NAME")
      ->check(name_problem)
      ->excludes(from_file);
  create
      ->add_option("--contact", to_.contact,
                   "SOA RNAME, or a mail address (default: hostmaster in the zone)")
      ->type_name("NAME")
      ->excludes(from_file);
  create->add_option("--ttl", to_.ttl, "TTL of its first records (default: 3600)")
      ->type_name("TTL")
      ->check(ttl_problem)
      ->excludes(from_file);
  add_options_of_zone(*create);
}

void CommandTree::add_zone_import(CLI::App& zone) {
  CLI::App* const import = leaf(zone, "import", "Take zones from a file or from another server",
                                "zone import --dry-run example.com=new.zone", zone_import);
  file(import->add_option("file", to_.file,
                          "The file, -: stdin; the zone is what its SOA says, or NAME. With "
                          "--from-axfr the zone's name"),
       "[NAME=]FILE");
  import->add_flag("--replace", to_.replace, "Even when the zone is there with other content");
  import->add_flag("--dry-run", to_.dry_run, "Show what would change");
  add_limit(*import, "; of a zone that this makes");
  add_other_servers(*import);
}

void CommandTree::add_other_servers(CLI::App& import) {
  CLI::Option* const axfr =
      import.add_option("--from-axfr", to_.from_axfr, "From the server that answers for it now")
          ->type_name("HOST[:PORT]");
  CLI::Option* const conf = file(import.add_option("--from-named-conf", to_.from_named_conf,
                                                   "All primary zones of this named.conf"));
  CLI::Option* const powerdns =
      import.add_option("--from-powerdns", to_.from_powerdns, "All primary zones of PowerDNS")
          ->type_name("URL");
  CLI::Option* const technitium =
      import
          .add_option("--from-technitium", to_.from_technitium, "All primary zones of Technitium")
          ->type_name("URL");
  CLI::Option* const folder =
      file(import.add_option("--from-folder", to_.from_folder,
                             "All zone files of this folder, named as their zones are"),
           "DIR");
  axfr->excludes(conf)->excludes(powerdns)->excludes(technitium)->excludes(folder);
  conf->excludes(powerdns)->excludes(technitium)->excludes(folder);
  powerdns->excludes(technitium)->excludes(folder);
  technitium->excludes(folder);
  import.add_option("--key", to_.key, "TSIG key for --from-axfr; --key-file keeps it secret")
      ->type_name("[ALGORITHM:]NAME:BASE64");
  file(import.add_option("--key-file", to_.key_file, "The same, from a file of BIND or Knot"));
  file(import.add_option("--api-key-file", to_.api_key_file, "PowerDNS's API key is in it"));
  file(import.add_option("--token-file", to_.token_file, "Technitium's API token is in it"));
  import.add_option("--zone", to_.zones, "Only this zone; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->check(name_problem);
  import.add_flag("--unsigned", to_.is_unsigned, "Leave DNSSEC signatures and keys behind");
  import.add_flag("--yes", to_.is_agreed, "Do not ask");
}

void CommandTree::add_zone() {
  CLI::App& zone = *group("zone", "Zones");
  leaf(zone, "list", "All zones", "zone list", zone_list)
      ->add_flag("--deleted", to_.show_deleted, "Those that can be restored");
  CLI::App* const show = zone_leaf(zone, "show", "All about one zone, or what it was",
                                   "zone show example.com --serial 41", zone_show);
  add_state(*show, "", to_.serial, to_.entry, "Print the zone as it was");
  add_zone_create(zone);
  add_zone_import(zone);
  CLI::App* const out = zone_leaf(zone, "export", "Print a zone as a master file",
                                  "zone export example.com -o example.com.zone", zone_export);
  file(out->add_option("-o,--output", to_.output, "Write it to this file"));
  add_state(*out, "", to_.serial, to_.entry, "As it was");
  add_options_of_zone(*zone_leaf(zone, "options", "Change a zone's options",
                                 "zone options example.com --serial-policy date", zone_options));
  zone_leaf(zone, "delete", "Delete a zone", "zone delete example.com", zone_delete)
      ->alias("remove");
  zone_leaf(zone, "digest", "Digests of a zone's content, equal on equal nodes",
            "zone digest example.com", zone_digest);
  add_history(zone);
  add_pull(zone);
  CLI::App* const check = leaf(zone, "check", "Check a master file; needs no node",
                               "zone check example.com.zone", zone_check);
  file(check->add_option("file", to_.file, "The file; -: stdin"))->required();
  check->add_option("--origin", to_.origin, "The zone's name")
      ->type_name("NAME")
      ->check(name_problem);
  add_limit(*check);
}

void CommandTree::add_state(CLI::App& to, const std::string& flags,
                            std::optional<std::uint32_t>& serial,
                            std::optional<std::uint64_t>& entry, const std::string& what) {
  CLI::Option* const by_serial =
      to.add_option(flags.empty() ? "--serial" : "--" + flags, serial, what + ", by its serial")
          ->type_name("SERIAL")
          ->check(CLI::Range(std::int64_t{0}, kLargestSerial).description(""));
  to.add_option(flags.empty() ? "--entry" : "--" + flags + "-entry", entry,
                what + ", by the entry that made it so (zone history)")
      ->type_name("ENTRY")
      ->excludes(by_serial);
}

void CommandTree::add_history(CLI::App& zone) {
  CLI::App* const history = zone_leaf(zone, "history", "A zone's changes, newest first",
                                      "zone history example.com --limit 5 --records", zone_history);
  add_entry_options(*history, "50");
  history->add_option("--before", to_.before, "Those before this entry")->type_name("ENTRY");
  CLI::App* const diff = zone_leaf(zone, "diff", "What changed from one serial to another",
                                   "zone diff example.com --from 41", zone_diff);
  add_state(*diff, "from", to_.from, to_.from_entry, "As it was before");
  add_state(*diff, "to", to_.to, to_.to_entry, "As it was after (default: as it is now)");
  add_state(*zone_leaf(zone, "revert", "Give a zone the content again that it had",
                       "zone revert example.com --to 41 --reason 'not yet'", zone_revert),
            "to", to_.to, to_.to_entry, "As it was");
  zone_leaf(zone, "restore", "Bring a deleted zone back", "zone restore example.com", zone_restore);
}

}  // namespace tandem
