#include <algorithm>

#include "common/base/text.h"
#include "common/crypto/tsig_key_file.h"
#include "ctl/commands.h"
#include "ctl/file_text.h"
#include "ctl/migration_run.h"
#include "ctl/migration_sources.h"
#include "ctl/session.h"

namespace tandem {
namespace {

constexpr std::size_t kMaxSecretOctets = std::size_t{64} << 10U;
constexpr std::size_t kMaxKeyFileOctets = std::size_t{16} << 20U;  // a named.conf with all it has

/// The one line of a file that has a token or an API key.
Result<std::string> secret_of_file(const std::string& file, std::string_view option) {
  if (file.empty()) {
    return fail(Errc::kInvalid, "needs {} FILE", option);
  }
  std::string text = TRY(read_file_text(file, kMaxSecretOctets));
  while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' ')) {
    text.pop_back();
  }
  if (text.empty() || !is_printable(text)) {
    return fail(Errc::kInvalid, "{} has to have one line, the secret", file);
  }
  return text;
}

Result<std::optional<TsigKey>> key_of(const Arguments& arguments) {
  if (!arguments.key.empty()) {
    return TRY(tsig_key_from_text(arguments.key));
  }
  if (arguments.key_file.empty()) {
    return std::optional<TsigKey>();
  }
  const std::string text = TRY(read_file_text(arguments.key_file, kMaxKeyFileOctets));
  auto keys = tsig_keys_from_file_text(text);
  if (!keys) {
    return in_context(arguments.key_file, keys.error());
  }
  if (keys->size() != 1) {
    return fail(Errc::kInvalid, "{} has {} keys; give a file with the one to use",
                arguments.key_file, keys->size());
  }
  return std::move(keys->front());
}

/// A secret over plain http is read by everybody between here and there.
void warn_of_plain_http(const HttpServer& server) {
  if (!is_loopback(server)) {
    print_warning("http to " + server.at.host +
                  " shows the API's secret and the zones on the way: a tunnel (ssh -L) does not");
  }
}

Result<Migration> ask_source(const Arguments& arguments, const MoveChoice& choice) {
  const std::chrono::seconds limit(arguments.timeout_seconds);
  if (!arguments.from_axfr.empty()) {
    const Name zone = TRY(Name::from_text(arguments.file));
    const HostPort server = TRY(host_port_from_text(arguments.from_axfr, "53"));
    return migrate_by_axfr(zone, server, TRY(key_of(arguments)), choice.signatures, limit);
  }
  if (!arguments.from_named_conf.empty()) {
    return migrate_from_named_conf(arguments.from_named_conf, choice);
  }
  if (!arguments.from_folder.empty()) {
    return migrate_from_folder(arguments.from_folder, choice);
  }
  const bool is_powerdns = !arguments.from_powerdns.empty();
  const HttpServer server = is_powerdns
                                ? TRY(http_server_from_url(arguments.from_powerdns, "8081"))
                                : TRY(http_server_from_url(arguments.from_technitium, "5380"));
  const std::string secret = is_powerdns
                                 ? TRY(secret_of_file(arguments.api_key_file, "--api-key-file"))
                                 : TRY(secret_of_file(arguments.token_file, "--token-file"));
  warn_of_plain_http(server);
  return is_powerdns ? migrate_from_powerdns(server, secret, choice, limit)
                     : migrate_from_technitium(server, secret, choice, limit);
}

/// What does not go together, empty when all does.
std::string_view usage_problem(const Arguments& arguments) {
  const bool is_axfr = !arguments.from_axfr.empty();
  if (is_axfr == arguments.file.empty()) {
    return is_axfr ? "say which zone: zone import NAME --from-axfr HOST"
                   : "--zone NAME says which of the other server's zones; no file goes with it";
  }
  if (is_axfr && !arguments.zones.empty()) {
    return "--from-axfr takes one zone, the one before it";
  }
  if (!is_axfr && !(arguments.key.empty() && arguments.key_file.empty())) {
    return "--key and --key-file are for --from-axfr";
  }
  return !arguments.key.empty() && !arguments.key_file.empty() ? "--key or --key-file, not both"
                                                               : "";
}

}  // namespace

CommandResult zone_import_from_server(const Arguments& arguments) {
  if (const std::string_view problem = usage_problem(arguments); !problem.empty()) {
    return usage_error(arguments, "zone import", problem);
  }
  MoveChoice choice;
  choice.signatures = arguments.is_unsigned ? Signatures::kDrop : Signatures::kKeep;
  for (const std::string& zone : arguments.zones) {
    choice.zones.push_back(TRY(Name::from_text(zone)));
  }
  const Session session = TRY(Session::open(arguments));
  Migration migration = TRY(ask_source(arguments, choice));
  return MigrationRun(arguments, session, std::move(migration)).run();
}

}  // namespace tandem
