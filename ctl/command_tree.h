// The words of the command line: which commands there are, what each takes, and which function does
// it.
#pragma once

#include <string>
#include <vector>

#include "ctl/arguments.h"
#include "ctl/commands.h"

namespace tandem {

/// What the command line asked for.
struct Parsed {
  Arguments arguments;
  CommandResult (*command)(const Arguments&) = nullptr;  // nothing: end with `exit`
  ExitCode exit = ExitCode::kDone;
};

/// Prints help, the version or what is wrong with the words itself.
Parsed parse_arguments(int argc, const char* const* argv);

/// One command for a completion script.
struct CommandWords {
  std::string path;                      // "zone show"; "" for tandemctl itself
  std::vector<std::string> subcommands;  // next words
  std::vector<std::string> flags;
  bool takes_zone = false;  // the first positional word is a zone's name
  bool takes_file = false;
};

[[nodiscard]] std::vector<CommandWords> command_words();

}  // namespace tandem
