// What each command does. Every one prints its own results and findings; an error that it returns
// is printed by main.
#pragma once

#include "common/base/result.h"
#include "ctl/arguments.h"

namespace tandem {

using CommandResult = Result<ExitCode>;

// zone_commands.cc
CommandResult zone_list(const Arguments& arguments);
CommandResult zone_show(const Arguments& arguments);
CommandResult zone_create(const Arguments& arguments);
CommandResult zone_options(const Arguments& arguments);
CommandResult zone_delete(const Arguments& arguments);
CommandResult zone_export(const Arguments& arguments);
CommandResult zone_digest(const Arguments& arguments);
// history_commands.cc
CommandResult zone_history(const Arguments& arguments);
CommandResult zone_diff(const Arguments& arguments);
CommandResult zone_revert(const Arguments& arguments);
CommandResult zone_restore(const Arguments& arguments);
// zone_file_commands.cc
CommandResult zone_check(const Arguments& arguments);
CommandResult zone_import(const Arguments& arguments);
// migration_commands.cc
CommandResult zone_import_from_server(const Arguments& arguments);
// record_commands.cc
CommandResult record_list(const Arguments& arguments);
CommandResult record_add(const Arguments& arguments);
CommandResult record_set(const Arguments& arguments);
CommandResult record_delete(const Arguments& arguments);
CommandResult record_note(const Arguments& arguments);
// address_commands.cc
CommandResult address_list(const Arguments& arguments);
CommandResult address_set(const Arguments& arguments);
CommandResult address_remove(const Arguments& arguments);
CommandResult address_bind(const Arguments& arguments);
// failover_commands.cc
CommandResult failover_list(const Arguments& arguments);
CommandResult failover_set(const Arguments& arguments);
CommandResult failover_remove(const Arguments& arguments);
// pull_commands.cc
CommandResult zone_pull(const Arguments& arguments);
CommandResult zone_unpull(const Arguments& arguments);
CommandResult xfr_retransfer(const Arguments& arguments);
// key_commands.cc
CommandResult key_list(const Arguments& arguments);
CommandResult key_show(const Arguments& arguments);
CommandResult key_create(const Arguments& arguments);
CommandResult key_import(const Arguments& arguments);
CommandResult key_delete(const Arguments& arguments);
// policy_commands.cc
CommandResult policy_list(const Arguments& arguments);
CommandResult policy_add(const Arguments& arguments);
CommandResult policy_remove(const Arguments& arguments);
CommandResult policy_test(const Arguments& arguments);
// secondary_commands.cc
CommandResult secondary_list(const Arguments& arguments);
CommandResult secondary_add(const Arguments& arguments);
CommandResult secondary_remove(const Arguments& arguments);
CommandResult secondary_check(const Arguments& arguments);
CommandResult xfr_status(const Arguments& arguments);
CommandResult xfr_notify(const Arguments& arguments);
// catalog_commands.cc
CommandResult catalog_list(const Arguments& arguments);
CommandResult catalog_show(const Arguments& arguments);
CommandResult catalog_create(const Arguments& arguments);
CommandResult catalog_follow(const Arguments& arguments);
CommandResult catalog_remove(const Arguments& arguments);
CommandResult catalog_set_group(const Arguments& arguments);
CommandResult catalog_put_in(const Arguments& arguments);
CommandResult catalog_leave_out(const Arguments& arguments);
CommandResult catalog_move(const Arguments& arguments);
// doctor_command.cc
CommandResult doctor(const Arguments& arguments);
// status_page.cc
CommandResult node_status(const Arguments& arguments);
// log_commands.cc
CommandResult show_log(const Arguments& arguments);
// cluster_commands.cc
CommandResult cluster_list(const Arguments& arguments);
CommandResult cluster_invite(const Arguments& arguments);
CommandResult cluster_remove(const Arguments& arguments);
CommandResult cluster_rotate(const Arguments& arguments);
// node_commands.cc
CommandResult link_keep(const Arguments& arguments);
CommandResult node_key(const Arguments& arguments);
// promotion_commands.cc
CommandResult promote_node(const Arguments& arguments);
CommandResult list_orphans(const Arguments& arguments);
CommandResult diff_orphans(const Arguments& arguments);
CommandResult apply_orphans(const Arguments& arguments);
CommandResult discard_orphans(const Arguments& arguments);
// tell_commands.cc
CommandResult tell_test(const Arguments& arguments);
// completion.cc
CommandResult print_completion(const Arguments& arguments);

}  // namespace tandem
