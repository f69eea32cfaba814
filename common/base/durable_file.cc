#include "common/base/durable_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace tandem {
namespace {

using std::filesystem::path;

Status write_all(int fd, std::string_view text, const path& file) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return file_error("write", file);
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

std::unexpected<Error> file_error(std::string_view what, const path& file) {
  const int error = errno;
  const Errc code = error == ENOSPC || error == EDQUOT ? Errc::kNoSpace : Errc::kIo;
  return fail(code, "cannot {} {}: {}", what, file.string(), std::strerror(error));
}

Result<UniqueFd> lock_folder(const path& folder) {
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX) != 0) {
    return file_error("open the folder", folder);
  }
  return fd;
}

Status store_file(const UniqueFd& folder, const path& file, std::string_view text, mode_t mode) {
  path half = file;
  half += ".new";
  if (::unlink(half.c_str()) != 0 && errno != ENOENT) {  // of a start that was cut
    return file_error("remove", half);
  }
  UniqueFd fd(::open(half.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!fd.valid()) {
    return file_error("create", half);
  }
  TRYV(write_all(fd.get(), text, half));
  if (::fsync(fd.get()) != 0) {
    return file_error("store", half);
  }
  if (::rename(half.c_str(), file.c_str()) != 0) {
    return file_error("create", file);
  }
  if (::fsync(folder.get()) != 0) {
    return file_error("store", file);
  }
  return {};
}

}  // namespace tandem
