// What both programs do: read the command line, put a node and its roles together, serve until told
// to stop. The only place that sees both roles.
#pragma once

#include <string_view>

#include "common/node/node.h"

namespace tandem {

/// Runs `tandem-primary` or `tandem-secondary`. `default_role`: what a node becomes at its very
/// first start; afterwards its store knows. Returns the exit code: 0, 1 (failed) or 2 (usage).
int run_node(std::string_view program, Role default_role, int argc, const char* const* argv);

}  // namespace tandem
