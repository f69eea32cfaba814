#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <optional>

#include <fmt/core.h>

#define CLI11_BOOST_OPTIONAL 0
#include <CLI/CLI.hpp>

#include "common/base/suggestion.h"
#include "common/dns/shown_text.h"
#include "common/node/config.h"
#include "common/node/config_values.h"
#include "common/node/version.h"

namespace tandem {
namespace {

constexpr int kUsage = 2;
constexpr std::size_t kMaxThreads = 1024;
constexpr std::size_t kMaxTokenLine = 4096;
constexpr std::array<std::string_view, 3> kCommands = {"serve", "join", "check-config"};

/// What the flags say, before anything of it is believed.
struct Flags {
  std::string config_file;
  std::string check_file;
  std::string token;
  bool no_serve = false;
  std::string data;
  std::vector<std::string> listen;
  std::vector<std::string> listen_tls;
  std::vector<std::string> zones;
  std::optional<std::size_t> threads;
  std::vector<std::string> xdp;
  std::vector<std::string> http;
  std::vector<std::string> allow_transfer;
  std::vector<std::string> allow_update;
  std::vector<std::string> also_notify;
  std::vector<std::string> pull;
  std::vector<std::string> keys;
  std::vector<std::string> key_files;
  std::vector<std::string> peer;
  std::vector<std::string> link;
  std::vector<std::string> peer_keys;
  std::optional<std::string> nsid;
  std::optional<std::string> version_text;
  std::optional<std::string> identity_text;
  std::vector<std::string> tell_webhooks;
  std::vector<std::string> tell_programs;
  std::optional<std::string> log_level;
  bool accept_clock = false;
};

void add_serve_flags(CLI::App* const serve, Flags& flags) {
  serve->add_option("--config", flags.config_file, "Read this file; flags win over it")
      ->type_name("FILE");
  serve->add_option("--data", flags.data, "Folder for everything that this node keeps")
      ->type_name("DIR");
  serve->add_option("--listen", flags.listen, "Answer DNS over UDP and TCP here")
      ->type_name("ADDR:PORT");
  serve->add_option("--listen-tls", flags.listen_tls, "Answer DNS over TLS here (its port is 853)")
      ->type_name("ADDR:PORT");
  serve->add_option("--zone", flags.zones, "Serve this zone, from this master file at first")
      ->type_name("NAME=FILE");
  serve->add_option("--threads", flags.threads, "UDP threads for each address (default: one a CPU)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{0}, kMaxThreads));
  serve->add_option("--xdp", flags.xdp, "Answer UDP on this interface past the kernel (AF_XDP)")
      ->type_name("IFACE");
  serve->add_option("--http", flags.http, "Serve status and metrics over HTTP here (loopback)")
      ->type_name("ADDR:PORT");
  serve
      ->add_option("--allow-transfer", flags.allow_transfer,
                   "Let who this rule says have whole zones and their changes (AXFR, IXFR)")
      ->type_name("RULE");
  serve
      ->add_option("--allow-update", flags.allow_update,
                   "Let these addresses, or who has this key, change zones (RFC 2136)")
      ->type_name("CIDR|key:NAME");
  serve
      ->add_option("--also-notify", flags.also_notify,
                   "Tell this server of every change (NOTIFY, RFC 1996)")
      ->type_name("ADDR[:PORT][,key:NAME]");
  serve
      ->add_option("--pull", flags.pull,
                   "Take this zone from there, by AXFR and IXFR; repeatable, also for one zone")
      ->type_name("ZONE=ADDR[:PORT][,key:NAME][,tls]");
  serve
      ->add_option("--key", flags.keys,
                   "A TSIG key; others on this machine can see it, --key-file hides it")
      ->type_name("ALG:NAME:BASE64");
  serve->add_option("--key-file", flags.key_files, "TSIG keys, as BIND, Knot or NSD write them")
      ->type_name("FILE");
  serve->add_option("--peer", flags.peer, "Dial the other node here")->type_name("HOST:PORT");
  serve->add_option("--link", flags.link, "Let the other node dial here")->type_name("ADDR:PORT");
  serve->add_option("--peer-key", flags.peer_keys, "The other node's key (`tandemctl node key`)")
      ->type_name("FINGERPRINT");
  serve->add_option("--nsid", flags.nsid, "Answer NSID requests with this (RFC 5001)")
      ->type_name("TEXT");
  serve->add_option("--version-text", flags.version_text, "Answer version.bind with this")
      ->type_name("TEXT");
  serve->add_option("--identity-text", flags.identity_text, "Answer id.server with this (RFC 4892)")
      ->type_name("TEXT");
  serve
      ->add_option("--tell-webhook", flags.tell_webhooks,
                   "Tell this URL what a human has to know (POST of JSON); repeatable")
      ->type_name("URL");
  serve
      ->add_option("--tell-program", flags.tell_programs,
                   "Run this program for the same, with the JSON as its input; repeatable")
      ->type_name("PATH");
  serve->add_option("--log-level", flags.log_level, "debug, info, warn or error")
      ->type_name("LEVEL");
  serve->add_flag("--accept-clock", flags.accept_clock,
                  "Start although the last change is in the future: the clock was wrong then");
}

void add_serve(CLI::App& app, Flags& flags) {
  add_serve_flags(app.add_subcommand("serve", "Answer queries until told to stop"), flags);
}

void add_join(CLI::App& app, Flags& flags) {
  CLI::App* const join =
      app.add_subcommand("join", "Become a member of the cluster that made the token, then serve");
  join->add_option("token", flags.token,
                   "As `tandemctl cluster invite` printed it; -: read from standard input")
      ->type_name("TOKEN")
      ->required();
  join->add_flag("--no-serve", flags.no_serve,
                 "End when it is done: a service manager starts the node then");
  add_serve_flags(join, flags);
  for (CLI::Option* const option : join->get_options()) {
    option->allow_extra_args(false);  // the token may stand behind any of them
  }
}

void add_check_config(CLI::App& app, Flags& flags) {
  CLI::App* const check =
      app.add_subcommand("check-config", "Check a configuration file and print every finding");
  check->add_option("file", flags.check_file, "The file")->type_name("FILE")->required();
}

/// Puts flags where the configuration has them; remembers the first that is wrong.
class FlagReader {
 public:
  template <class T>
  void list(std::string_view flag, const std::vector<std::string>& texts,
            Result<T> (*parse)(std::string_view), std::vector<T>& to) {
    if (!texts.empty()) {
      to.clear();
    }
    for (const std::string& text : texts) {
      if (Result<T> value = parse(text)) {
        to.push_back(std::move(*value));
      } else {
        failed(flag, value.error());
      }
    }
  }

  template <class T>
  void each(std::string_view flag, const std::vector<std::string>& texts,
            Status (*add)(std::string_view, T&), T& to) {
    for (const std::string& text : texts) {
      if (const Status added = add(text, to); !added) {
        failed(flag, added.error());
      }
    }
  }

  template <class T>
  void value(std::string_view flag, const std::optional<std::string>& text,
             Result<T> (*parse)(std::string_view), T& to) {
    if (!text) {
      return;
    }
    if (Result<T> parsed = parse(*text)) {
      to = std::move(*parsed);
    } else {
      failed(flag, parsed.error());
    }
  }

  [[nodiscard]] Status status() const { return status_; }

 private:
  void failed(std::string_view flag, const Error& error) {
    if (status_) {
      status_ = in_context(flag, error);
    }
  }

  Status status_;
};

Status take_flags(const Flags& flags, Config& config) {
  if (!flags.data.empty()) {
    config.data = flags.data;
  }
  config.threads = flags.threads.value_or(config.threads);
  config.accept_clock = flags.accept_clock;
  FlagReader reader;
  reader.list("--listen", flags.listen, &SocketAddress::from_text, config.listen);
  reader.list("--listen-tls", flags.listen_tls, &SocketAddress::from_text, config.listen_tls);
  reader.list("--xdp", flags.xdp, &interface_from_text, config.xdp);
  reader.list("--zone", flags.zones, &zone_file_from_text, config.zones);
  reader.list("--http", flags.http, &listen_text_from_text, config.http);
  reader.list("--allow-transfer", flags.allow_transfer, &TransferRule::from_text,
              config.transfers.allow);
  reader.list("--allow-update", flags.allow_update, &update_rule_from_text, config.update_rules);
  reader.list("--also-notify", flags.also_notify, &also_notify_from_text, config.also_notify);
  if (!flags.pull.empty()) {
    config.pulls.clear();
  }
  reader.each("--pull", flags.pull, &add_pull, config.pulls);
  if (!flags.keys.empty() || !flags.key_files.empty()) {
    config.tsig_keys.clear();
  }
  reader.each("--key", flags.keys, &add_key, config.tsig_keys);
  reader.each("--key-file", flags.key_files, &add_key_file, config.tsig_keys);
  reader.list("--peer", flags.peer, &dial_text_from_text, config.link_dial);
  reader.list("--link", flags.link, &listen_text_from_text, config.link_listen);
  reader.list("--peer-key", flags.peer_keys, &KeyPin::from_text, config.peer_keys);
  reader.value("--nsid", flags.nsid, &nsid_from_text, config.nsid);
  reader.value("--version-text", flags.version_text, &answer_text_from_text, config.version_text);
  reader.value("--identity-text", flags.identity_text, &answer_text_from_text,
               config.identity_text);
  reader.list("--tell-webhook", flags.tell_webhooks, &http_url_from_text, config.tell_webhooks);
  reader.list("--tell-program", flags.tell_programs, &program_from_text, config.tell_programs);
  reader.value("--log-level", flags.log_level, &log_level_from_text, config.log_level);
  return reader.status();
}

CommandLine stop_with(int exit_code) {
  CommandLine out;
  out.command = Command::kPrintAndExit;
  out.exit_code = exit_code;
  return out;
}

CommandLine usage_error(std::string_view program, std::string_view command, std::string_view what) {
  fmt::print(stderr, "{}: {}\nTry: {} {} --help\n", program, what, program, command);
  return stop_with(kUsage);
}

std::string explain_no_command(const std::vector<std::string>& words) {
  if (words.empty()) {
    return "no command; expected serve, join or check-config";
  }
  if (words.front().starts_with('-')) {
    return fmt::format("{} comes before the command; expected serve, join or check-config first",
                       shown_text(words.front()));
  }
  return fmt::format("unknown command {}{}", shown_text(words.front()),
                     suggestion(words.front(), kCommands));
}

/// What is wrong with the words themselves, said in ours where CLI11's say less.
std::string explain(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining(true);
  if (app.get_subcommands().empty()) {
    return explain_no_command(unknown);
  }
  if (unknown.empty()) {
    return error.what();
  }
  const auto flag =
      std::ranges::find_if(unknown, [](const std::string& word) { return word.starts_with('-'); });
  if (flag == unknown.end()) {
    return fmt::format("{} is one word too many", shown_text(unknown.front()));
  }
  std::vector<std::string> names;
  for (const CLI::Option* const option : app.get_subcommands().front()->get_options()) {
    names.push_back("--" + option->get_single_name());
  }
  return fmt::format("unknown flag {}{}", shown_text(*flag),
                     suggestion(*flag, std::vector<std::string_view>(names.begin(), names.end())));
}

/// The token, which is better not on a command line that others on the machine can read.
Result<JoinToken> read_token(const std::string& word) {
  if (word != "-") {
    return JoinToken::from_text(word);
  }
  std::array<char, kMaxTokenLine> line{};
  if (std::fgets(line.data(), static_cast<int>(line.size()), stdin) == nullptr) {
    return fail(Errc::kInvalid, "no token on standard input");
  }
  const std::string_view text(line.data());
  return JoinToken::from_text(text.substr(0, text.find_first_of("\r\n")));
}

/// What the configuration lacks for that; `program` is said to be the wrong one.
Status check_join(std::string_view program, const Config& config) {
  if (program == "tandem-primary") {
    return fail(Errc::kInvalid,
                "a primary invites (`tandemctl cluster invite`), a secondary joins");
  }
  if (config.link_listen.empty()) {
    return fail(Errc::kInvalid,
                "no address for the other node to dial: give --link ADDR:PORT, the one that it was "
                "told with `tandemctl cluster invite --at`");
  }
  return {};
}

CommandLine join_with(std::string_view program, const Flags& flags, CommandLine served) {
  if (served.command == Command::kPrintAndExit) {
    return served;
  }
  served.command = Command::kJoin;
  if (const Status good = check_join(program, served.config); !good) {
    return usage_error(program, "join", good.error().detail);
  }
  const auto token = read_token(flags.token);
  if (!token) {
    return usage_error(program, "join", token.error().detail);
  }
  served.token = *token;
  served.serves = !flags.no_serve;
  return served;
}

CommandLine serve_with(std::string_view program, const Flags& flags, LinkKeys keys) {
  const std::string_view command = keys == LinkKeys::kAreKnown ? "serve" : "join";
  CommandLine out;
  if (!flags.config_file.empty()) {
    if (const Status status = read_config_file(flags.config_file, out.config); !status) {
      fmt::print(stderr, "{}: {}\n", program, status.error().detail);
      return stop_with(kUsage);  // as a wrong flag: it does not go away by itself
    }
  }
  if (const Status status = take_flags(flags, out.config); !status) {
    return usage_error(program, command, status.error().detail);
  }
  if (const Status status = check_config(out.config, keys); !status) {
    return usage_error(program, command, status.error().detail);
  }
  return out;
}

}  // namespace

CommandLine parse_command_line(std::string_view program, int argc, const char* const* argv) {
  Flags flags;
  CLI::App app("Authoritative DNS with a second node that has everything", std::string(program));
  app.set_version_flag("--version", [program] { return version_text(program); });
  app.require_subcommand(1);
  add_serve(app, flags);
  add_join(app, flags);
  add_check_config(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion& version) {
    fmt::print("{}", version.what());
    return stop_with(0);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return stop_with(0);
  } catch (const CLI::ParseError& error) {
    const auto given = app.get_subcommands();
    return usage_error(program, given.empty() ? "serve" : given.front()->get_name(),
                       explain(app, error));
  }
  if (app.got_subcommand("check-config")) {
    CommandLine out;
    out.command = Command::kCheckConfig;
    out.config_file = flags.check_file;
    return out;
  }
  if (app.got_subcommand("join")) {
    return join_with(program, flags, serve_with(program, flags, LinkKeys::kComeByJoining));
  }
  return serve_with(program, flags, LinkKeys::kAreKnown);
}

}  // namespace tandem
