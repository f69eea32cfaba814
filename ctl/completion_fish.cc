#include <fmt/core.h>
#include <fmt/ranges.h>

#include "ctl/command_tree.h"
#include "ctl/completion.h"

namespace tandem {
namespace {

using Kind = WordValue::Kind;

constexpr std::string_view kHead = R"sh(# tandemctl completion for fish
# The words that are neither flags nor their values.
function __tandemctl_words
  set -l is_value 0
  set -l tokens (commandline -opc)
  for token in $tokens[2..-1]
    if test $is_value -eq 1
      set is_value 0
      continue
    end
    switch $token
      case %VALUE_FLAGS%
        set is_value 1
      case '-*'
      case '*'
        printf '%s\n' $token
    end
  end
end

# In the command that the arguments name.
function __tandemctl_in
  set -l given (__tandemctl_words)
  set -l depth (count $argv)
  test (count $given) -ge $depth
  and test "$given[1..$depth]" = "$argv"
end

# The same, with so many words behind it: the first argument.
function __tandemctl_due
  __tandemctl_in $argv[2..-1]
  and test (count (__tandemctl_words)) -eq (math $argv[1] + (count $argv) - 1)
end

# Before any command.
function __tandemctl_begins
  test (count (__tandemctl_words)) -eq 0
end

# Asks the node that the line names for its zones; says nothing when there is none.
function __tandemctl_zones
  set -l place
  set -l is_value 0
  for token in (commandline -opc)
    if test $is_value -eq 1
      set -a place $token
      set is_value 0
      continue
    end
    switch $token
      case --data --config --socket
        set -a place $token
        set is_value 1
      case '--data=*' '--config=*' '--socket=*'
        set -a place $token
    end
  end
  tandemctl $place zone list 2>/dev/null | tail -n +2 | cut -f1
end

complete -c tandemctl -f
)sh";

/// What is offered for a value, as options of `complete`.
std::string offer_of(const WordValue& value) {
  switch (value.kind) {
    case Kind::kText:
      return {};
    case Kind::kZone:
      return " -a '(__tandemctl_zones)'";
    case Kind::kFile:
      return " -F";
    case Kind::kChoice:
      return fmt::format(" -a '{}'", fmt::join(value.choices, " "));
  }
  return {};
}

std::string flag_row(const CommandWords& command, const FlagWords& flag) {
  const bool is_long = flag.name.starts_with("--");
  const std::string_view form = !flag.takes_value                ? ""
                                : flag.value.kind == Kind::kFile ? " -r"
                                                                 : " -x";  // no files
  return fmt::format(
      "complete -c tandemctl{} -{} {}{}{}\n",
      command.path.empty() ? "" : fmt::format(" -n '__tandemctl_in {}'", command.path),
      is_long ? 'l' : 's', flag.name.substr(is_long ? 2 : 1), form, offer_of(flag.value));
}

std::string rows_of(const CommandWords& command) {
  std::string out;
  for (const FlagWords& flag : command.flags) {
    out += flag_row(command, flag);
  }
  if (!command.subcommands.empty()) {
    out += fmt::format(
        "complete -c tandemctl -n '{}' -a '{}'\n",
        command.path.empty() ? "__tandemctl_begins" : "__tandemctl_due 0 " + command.path,
        fmt::join(command.subcommands, " "));
  }
  for (std::size_t i = 0; i < command.values.size(); ++i) {
    if (const std::string offer = offer_of(command.values[i]); !offer.empty()) {
      out += fmt::format("complete -c tandemctl -n '__tandemctl_due {} {}'{}\n", i, command.path,
                         offer);
    }
  }
  return out;
}

}  // namespace

std::string fish_completion() {
  const std::vector<CommandWords> commands = command_words();
  std::string names;
  for (const FlagWords& flag : value_flags(commands)) {
    names += " " + flag.name;
  }
  std::string out(kHead);
  constexpr std::string_view kPlace = " %VALUE_FLAGS%";
  out.replace(out.find(kPlace), kPlace.size(), names);
  for (const CommandWords& command : commands) {
    out += rows_of(command);
  }
  return out;
}

}  // namespace tandem
