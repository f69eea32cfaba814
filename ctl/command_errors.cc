#include "ctl/command_errors.h"

#include <algorithm>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/base/suggestion.h"
#include "common/dns/shown_text.h"

namespace tandem {
namespace {

/// The last command that was recognized.
const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
  }
  return *at;
}

std::string with_suggestion(std::string_view what, const std::string& word,
                            const std::vector<std::string>& candidates) {
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  return fmt::format("{} {}{}", what, shown_text(word), suggestion(word, views));
}

void append_flags(const CLI::App& app, std::vector<std::string>& to) {
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      to.push_back("--" + name);
    }
  }
}

std::vector<std::string> subcommands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* const sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  return names;
}

/// The first word that is not there, with the command's example: the error has only the name that
/// the word has in the source.
std::string missing_word(const CLI::App& at, const CLI::ParseError& error) {
  for (const CLI::Option* const option : at.get_options()) {
    if (!option->get_required() || option->count() > 0) {
      continue;
    }
    const std::string footer = at.get_footer();
    const std::string example = footer.substr(0, footer.find('\n'));
    const std::string flag = option->get_positional() ? "" : option->get_name() + " ";
    return fmt::format("{}{} is missing. {}", flag, option->get_type_name(), example);
  }
  return error.what();
}

}  // namespace

std::string path_of(const CLI::App& app) {
  std::string path;
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    path += (path.empty() ? "" : " ") + at->get_name();
  }
  return path;
}

std::string explain(const CLI::App& app, const CLI::ParseError& error,
                    const std::vector<std::string>& unknown) {
  const CLI::App& at = innermost(app);
  const auto is_flag = [](const std::string& word) { return word.starts_with('-'); };
  if (const auto flag = std::ranges::find_if(unknown, is_flag); flag != unknown.end()) {
    std::vector<std::string> flags;
    append_flags(at, flags);
    append_flags(app, flags);
    return with_suggestion("unknown flag", *flag, flags);
  }
  const std::vector<std::string> subcommands = subcommands_of(at);
  if (!subcommands.empty()) {
    return unknown.empty()
               ? fmt::format("no command; expected one of {}", fmt::join(subcommands, ", "))
               : with_suggestion("unknown command", unknown.front(), subcommands);
  }
  if (unknown.empty() && error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
    return missing_word(at, error);
  }
  return unknown.empty() ? error.what()
                         : fmt::format("{} is one word too many", shown_text(unknown.front()));
}

}  // namespace tandem
