// What is wrong with the words of a command line, said in ours where CLI11's say less.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace tandem {

/// The words that led to the command which found the error: `zone show`.
[[nodiscard]] std::string path_of(const CLI::App& app);

/// `unknown`: the words that no command took. Requires: parsing `app` ended with `error`.
[[nodiscard]] std::string explain(const CLI::App& app, const CLI::ParseError& error,
                                  const std::vector<std::string>& unknown);

}  // namespace tandem
