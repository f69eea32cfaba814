// The unix socket that the API listens on, as a file with an owner.
#pragma once

#include <string>
#include <sys/types.h>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace tandem {

/// A listening unix socket. Removes its file at the end, unless another process has put its own
/// there meanwhile.
class HttpUnixSocket {
 public:
  /// Mode 0660, non-blocking. A file that a dead process left is replaced. Fails: kIo, with what is
  /// wrong with the path and what to do.
  static Result<HttpUnixSocket> listen(const std::string& path);

  HttpUnixSocket(HttpUnixSocket&& other) noexcept = default;
  HttpUnixSocket& operator=(HttpUnixSocket&&) = delete;
  HttpUnixSocket(const HttpUnixSocket&) = delete;
  HttpUnixSocket& operator=(const HttpUnixSocket&) = delete;
  ~HttpUnixSocket();  // removes the file

  [[nodiscard]] int get() const noexcept { return fd_.get(); }

 private:
  HttpUnixSocket(UniqueFd fd, std::string path);

  UniqueFd fd_;
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace tandem
