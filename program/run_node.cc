#include "program/run_node.h"

#include <csignal>
#include <cstdio>
#include <exception>
#include <malloc.h>

#include <fmt/ranges.h>

#include "common/base/background.h"
#include "common/base/logging.h"
#include "common/node/config.h"
#include "program/cluster_node.h"
#include "program/join_cluster.h"
#include "program/notify.h"

namespace tandem {
namespace {

/// Signals are waited for, never handled in the middle of something. To be called before the first
/// thread starts, which inherits the mask.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&set, signal);
  }
  static_cast<void>(::pthread_sigmask(SIG_BLOCK, &set, nullptr));
  static_cast<void>(
      std::signal(SIGPIPE, SIG_IGN));  // a closed connection is an error code, not an end
  return set;
}

/// Large zones come and go as whole chunks: these must go back to the system when they are freed,
/// whatever the allocator has learned from earlier ones.
void tune_allocator() {
  static_cast<void>(::mallopt(M_MMAP_THRESHOLD, 512 * 1024));
  static_cast<void>(::mallopt(M_ARENA_MAX, 2));
}

int fail_with(std::string_view program, const Error& error) {
  static_cast<void>(
      std::fprintf(stderr, "%s: %s\n", std::string(program).c_str(), error.detail.c_str()));
  return 1;
}

int serve(std::string_view program, Role default_role, Config config, const sigset_t& signals) {
  const SystemClock clock;
  auto node = Node::open(std::move(config), default_role, clock);
  if (!node) {
    return fail_with(program, node.error());
  }
  ClusterNode cluster(*std::move(node), std::string(program));
  if (const auto started = cluster.start(); !started) {
    return fail_with(program, started.error());
  }
  log_info("ready program={} role={} listen={} tls={} link={} http={}", program,
           to_text(cluster.node().role()), fmt::join(cluster.node().listening(), ","),
           fmt::join(cluster.node().listening_tls(), ","), fmt::join(cluster.link_listening(), ","),
           fmt::join(cluster.http_listening(), ","));
  if (cluster.node().role() != default_role) {
    log_warn(
        "{} serves the data folder of a {}: the role is in the store, the program's name only "
        "gives it to a new one",
        program, to_text(cluster.node().role()));
  }
  notify_service_manager("READY=1");
  give_way();  // zone files that are loaded from here on are
  while (true) {
    int signal = 0;
    static_cast<void>(::sigwait(&signals, &signal));
    if (signal != SIGHUP) {
      break;
    }
    cluster.reload_zone_files();
  }
  notify_service_manager("STOPPING=1");
  log_info("stopping program={}", program);
  return 0;
}

}  // namespace

int run_node(std::string_view program, Role default_role, int argc, const char* const* argv) {
  const sigset_t signals = block_signals();
  tune_allocator();
  CommandLine line = parse_command_line(program, argc, argv);
  switch (line.command) {
    case Command::kPrintAndExit:
      return line.exit_code;
    case Command::kCheckConfig:
      return print_config_check(line.config_file);
    case Command::kServe:
    case Command::kJoin:
      break;
  }
  set_log_level(line.config.log_level);
  try {
    if (line.command == Command::kJoin) {
      const auto joined = join_cluster(line.config, line.token, signals);
      if (!joined) {
        return fail_with(program, joined.error());
      }
      if (*joined == Joined::kStopped || !line.serves) {
        return 0;
      }
    }
    if (const auto good = check_config(line.config); !good) {
      static_cast<void>(fail_with(program, good.error()));
      return 2;
    }
    return serve(program, default_role, std::move(line.config), signals);
  } catch (const std::exception& exception) {  // of a library: ours are values
    return fail_with(program, Error{Errc::kInternal, exception.what()});
  }
}

}  // namespace tandem
