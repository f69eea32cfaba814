// A unix socket's path that may be longer than the address has room for.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace tandem {

/// A way to a socket file that fits into sockaddr_un (unix(7): 107 octets). A longer path leads
/// through its opened folder, /proc/self/fd/N/NAME, so that data folders may be as deep as the file
/// system allows. Valid in this process while the object lives.
class UnixPath {
 public:
  /// Fails: kIo when the folder of a long path cannot be opened, or its last name alone is too
  /// long.
  static Result<UnixPath> of(const std::string& path);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  UnixPath(UniqueFd folder, std::string text);

  UniqueFd folder_;  // open only when the path leads through it
  std::string text_;
};

}  // namespace tandem
