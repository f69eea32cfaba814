// Completion scripts, made from the tree of commands so that they cannot fall behind it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

[[nodiscard]] std::string bash_completion();
/// The bash one behind zsh's own bridge.
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

}  // namespace tandem
