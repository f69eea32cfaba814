// tandemctl: the command line client of a Tandem node. It speaks the HTTP API (docs/http_api.md) on
// the node's unix socket.
#include <cstdio>

#include "ctl/command_tree.h"
#include "ctl/session.h"

int main(int argc, char** argv) {
  const tandem::Parsed parsed = tandem::parse_arguments(argc, argv);
  if (parsed.command == nullptr) {
    return static_cast<int>(parsed.exit);
  }
  const tandem::ErrorForm form = tandem::error_form(parsed.arguments);
  const tandem::CommandResult result = parsed.command(parsed.arguments);
  if (!result) {
    tandem::print_error(result.error(), form);
    return static_cast<int>(tandem::ExitCode::kFailed);
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    tandem::print_error({tandem::Errc::kIo, "cannot write all of the output: is the disk full?"},
                        form);
    return static_cast<int>(tandem::ExitCode::kFailed);
  }
  return static_cast<int>(*result);
}
