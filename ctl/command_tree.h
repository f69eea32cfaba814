// The words of the command line: which commands there are, what each takes, and which function does
// it.
#pragma once

#include <cstdint>
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

/// What a word stands for, for a completion script.
struct WordValue {
  enum class Kind : std::uint8_t { kText, kZone, kFile, kChoice };

  Kind kind = Kind::kText;
  std::vector<std::string> choices;  // of kChoice
};

struct FlagWords {
  std::string name;  // with its dashes
  bool takes_value = false;
  WordValue value;
};

/// One command for a completion script.
struct CommandWords {
  std::string path;                      // "zone show"; "" for tandemctl itself
  std::vector<std::string> subcommands;  // next words
  std::vector<FlagWords> flags;          // its own; those of "" may stand with every command
  std::vector<WordValue> values;         // its words without a flag, in order
};

[[nodiscard]] std::vector<CommandWords> command_words();
/// The flags of all commands that take a value, each name once: it means the same in all of them.
[[nodiscard]] std::vector<FlagWords> value_flags(const std::vector<CommandWords>& commands);

}  // namespace tandem
