// Completion scripts, made from the tree of commands so that they cannot fall behind it.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "ctl/command_tree.h"
#include "ctl/session.h"

namespace tandem {
namespace {

/// Asks the node for its zones; says nothing when there is none.
constexpr std::string_view kBashHead = R"sh(# tandemctl completion for bash
_tandemctl_zones() {
  local place=() i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${COMP_WORDS[i]}" in
      --data|--config|--socket) place+=("${COMP_WORDS[i]}" "${COMP_WORDS[i+1]}") ;;
    esac
  done
  tandemctl "${place[@]}" zone list 2>/dev/null | tail -n +2 | cut -f1
}

_tandemctl() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path="" plain=0 i word
  case "$prev" in
    --data|--config|--socket|--file|--output|-o) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case "$word" in
      --data|--config|--socket|--reason|--request-id|--timeout) i=$((i + 1)); continue ;;
      -*) continue ;;
    esac
    case "$path" in
)sh";

constexpr std::string_view kBashTail = R"sh(    esac
  done
  local words="" zones=0 files=0
  case "$path" in
)sh";

constexpr std::string_view kBashEnd = R"sh(  esac
  [ "$plain" -eq 0 ] && [ "$zones" -eq 1 ] && words="$words $(_tandemctl_zones)"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [ "$plain" -eq 0 ] && [ "$files" -eq 1 ] && COMPREPLY+=($(compgen -f -- "$cur"))
}
complete -o filenames -F _tandemctl tandemctl
)sh";

std::string bash_script() {
  std::string out(kBashHead);
  const std::vector<CommandWords> commands = command_words();
  for (const CommandWords& command : commands) {
    if (!command.subcommands.empty()) {
      out += fmt::format("      \"{}\") path=\"{}$word\" ;;\n", command.path,
                         command.path.empty() ? "" : command.path + " ");
    }
  }
  out += "      *) plain=$((plain + 1)) ;;\n";
  out += kBashTail;
  for (const CommandWords& command : commands) {
    out += fmt::format("    \"{}\") words=\"{} {}\"; zones={}; files={} ;;\n", command.path,
                       fmt::join(command.subcommands, " "), fmt::join(command.flags, " "),
                       command.takes_zone ? 1 : 0, command.takes_file ? 1 : 0);
  }
  out += kBashEnd;
  return out;
}

std::string fish_script() {
  std::string out = "# tandemctl completion for fish\ncomplete -c tandemctl -f\n";
  for (const CommandWords& command : command_words()) {
    std::string condition = "__fish_use_subcommand";
    if (!command.path.empty()) {
      condition.clear();
      for (std::size_t from = 0; from != std::string::npos;) {
        const std::size_t blank = command.path.find(' ', from);
        condition += fmt::format("{}__fish_seen_subcommand_from {}", from == 0 ? "" : "; and ",
                                 command.path.substr(from, blank - from));
        from = blank == std::string::npos ? blank : blank + 1;
      }
    }
    for (const std::string& sub : command.subcommands) {
      out += fmt::format("complete -c tandemctl -n '{}' -a {}\n", condition, sub);
    }
    for (const std::string& flag : command.flags) {
      const bool is_long = flag.starts_with("--");
      out += fmt::format("complete -c tandemctl -n '{}' -{} {}\n", condition, is_long ? 'l' : 's',
                         flag.substr(is_long ? 2 : 1));
    }
    if (command.takes_zone) {
      out += fmt::format(
          "complete -c tandemctl -n '{}' -a '(tandemctl zone list 2>/dev/null | tail -n +2 | cut "
          "-f1)'\n",
          condition);
    }
    if (command.takes_file) {
      out += fmt::format("complete -c tandemctl -n '{}' -F\n", condition);
    }
  }
  return out;
}

}  // namespace

CommandResult print_completion(const Arguments& arguments) {
  if (arguments.shell == "fish") {
    print(fish_script());
  } else if (arguments.shell == "zsh") {
    print("#compdef tandemctl\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script());
  } else {
    print(bash_script());
  }
  return ExitCode::kDone;
}

}  // namespace tandem
