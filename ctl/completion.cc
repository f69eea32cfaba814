#include "ctl/completion.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "ctl/command_tree.h"
#include "ctl/session.h"

namespace tandem {
namespace {

using Kind = WordValue::Kind;

// No variable here has a name that zsh keeps for itself, as `path` and `words`: both shells run it.
// bash takes `--data=DIR` for three words, zsh for one.
constexpr std::string_view kHead = R"sh(# tandemctl completion for bash
# Asks the node that the line names for its zones; says nothing when there is none.
_tandemctl_zones() {
  local place=() i value
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${COMP_WORDS[i]}" in
      --data|--config|--socket)
        value=${COMP_WORDS[i+1]}
        [ "$value" = "=" ] && value=${COMP_WORDS[i+2]}
        place+=("${COMP_WORDS[i]}" "$value") ;;
      --data=*|--config=*|--socket=*) place+=("${COMP_WORDS[i]}") ;;
    esac
  done
  tandemctl "${place[@]}" zone list 2>/dev/null | tail -n +2 | cut -f1
}

_tandemctl_complete() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local at="" plain=0 offered="" i word
  if [ "$cur" = "=" ]; then
    cur=""
  elif [ "$prev" = "=" ]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  COMPREPLY=()
  case "$prev" in
)sh";

constexpr std::string_view kWalk = R"sh(  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case "$word" in
      %VALUE_FLAGS%)
        [ "${COMP_WORDS[i+1]}" = "=" ] && i=$((i + 1))
        i=$((i + 1))
        continue ;;
      -*) continue ;;
    esac
    case "$at" in
)sh";

constexpr std::string_view kEnd = R"sh(      esac ;;
  esac
  COMPREPLY=($(compgen -W "$offered" -- "$cur"))
}
)sh";

constexpr std::string_view kRegister = "complete -o filenames -F _tandemctl_complete tandemctl\n";

// zsh runs the file itself for the first completion of a session: that one has to be answered too.
constexpr std::string_view kZshEnd = R"sh(if [[ "${funcstack[1]}" = _tandemctl ]]; then
  _bash_complete -o filenames -F _tandemctl_complete
fi
)sh";

std::vector<std::string> names_of(const std::vector<FlagWords>& flags) {
  std::vector<std::string> names;
  names.reserve(flags.size());
  for (const FlagWords& flag : flags) {
    names.push_back(flag.name);
  }
  return names;
}

/// What is offered for the value of a flag or for a word without one.
std::string offer_of(const WordValue& value) {
  switch (value.kind) {
    case Kind::kText:
      return {};
    case Kind::kZone:
      return "offered=$(_tandemctl_zones)";
    case Kind::kFile:
      return "COMPREPLY=($(compgen -f -- \"$cur\")); return";
    case Kind::kChoice:
      return fmt::format("offered=\"{}\"", fmt::join(value.choices, " "));
  }
  return {};
}

/// One row for each flag that takes a value.
std::string value_rows(const std::vector<FlagWords>& flags) {
  std::string out;
  for (const FlagWords& flag : flags) {
    const std::string reply =
        flag.value.kind == Kind::kChoice
            ? fmt::format("COMPREPLY=($(compgen -W \"{}\" -- \"$cur\")); return",
                          fmt::join(flag.value.choices, " "))
        : flag.value.kind == Kind::kFile ? offer_of(flag.value)
                                         : "return";
    out += fmt::format("    {}) {} ;;\n", flag.name, reply);
  }
  return out;
}

std::string flag_rows(const std::vector<CommandWords>& commands) {
  std::string out = "  case \"$cur\" in\n    -*)\n";
  out += fmt::format("      offered=\"{}\"\n      case \"$at\" in\n",
                     fmt::join(names_of(commands.front().flags), " "));
  for (const CommandWords& command : commands) {
    if (!command.path.empty() && !command.flags.empty()) {
      out += fmt::format("        \"{}\") offered=\"$offered {}\" ;;\n", command.path,
                         fmt::join(names_of(command.flags), " "));
    }
  }
  return out + "      esac ;;\n    *)\n      case \"$at:$plain\" in\n";
}

std::string word_rows(const CommandWords& command) {
  std::string out;
  if (!command.subcommands.empty()) {
    out += fmt::format("        \"{}:0\") offered=\"{}\" ;;\n", command.path,
                       fmt::join(command.subcommands, " "));
  }
  for (std::size_t i = 0; i < command.values.size(); ++i) {
    if (const std::string offer = offer_of(command.values[i]); !offer.empty()) {
      out += fmt::format("        \"{}:{}\") {} ;;\n", command.path, i, offer);
    }
  }
  return out;
}

/// The functions, without what makes the shell use them.
std::string functions() {
  const std::vector<CommandWords> commands = command_words();
  const std::vector<FlagWords> with_value = value_flags(commands);
  std::string walk(kWalk);
  constexpr std::string_view kPlace = "%VALUE_FLAGS%";
  walk.replace(walk.find(kPlace), kPlace.size(),
               fmt::format("{}", fmt::join(names_of(with_value), "|")));
  std::string out = std::string(kHead) + value_rows(with_value) + walk;
  for (const CommandWords& command : commands) {
    if (!command.subcommands.empty()) {
      out += fmt::format("      \"{}\") at=\"{}$word\" ;;\n", command.path,
                         command.path.empty() ? "" : command.path + " ");
    }
  }
  out += "      *) plain=$((plain + 1)) ;;\n    esac\n  done\n" + flag_rows(commands);
  for (const CommandWords& command : commands) {
    out += word_rows(command);
  }
  return out + std::string(kEnd);
}

}  // namespace

std::string bash_completion() {
  return functions() + std::string(kRegister);
}

std::string zsh_completion() {
  return "#compdef tandemctl\nautoload -U +X bashcompinit && bashcompinit\n" + functions() +
         std::string(kRegister) + std::string(kZshEnd);
}

CommandResult print_completion(const Arguments& arguments) {
  print(arguments.shell == "fish"  ? fish_completion()
        : arguments.shell == "zsh" ? zsh_completion()
                                   : bash_completion());
  return ExitCode::kDone;
}

}  // namespace tandem
