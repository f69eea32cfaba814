#include "common/net/http_unix_socket.h"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <utility>

#include "common/base/unix_path.h"

namespace tandem {
namespace {

constexpr mode_t kMode = 0660;
constexpr int kBacklog = 64;

std::string error_text(int error) {
  return std::strerror(error);
}

sockaddr_un address_of(const UnixPath& path) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.text().data(), path.text().size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) noexcept {
  return reinterpret_cast<const sockaddr*>(&address);
}

UniqueFd open_socket() noexcept {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/// Makes way for a new socket at `path`: only what is a socket and answers nobody is removed.
Status remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) {
    return {};  // nothing there, or bind() will say what is wrong
  }
  if (!S_ISSOCK(found.st_mode)) {
    return fail(Errc::kIo, "{} is there and is no socket: move it away", path);
  }
  const UniqueFd probe = open_socket();
  if (!probe.valid()) {
    return fail(Errc::kIo, "cannot open a unix socket: {}", error_text(errno));
  }
  // EAGAIN is a living process with a full queue.
  if (::connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN) {
    return fail(Errc::kIo,
                "{} is in use by another process: is a node running on this data folder?", path);
  }
  if (errno != ECONNREFUSED && errno != ENOENT) {
    return fail(Errc::kIo, "cannot tell whether {} is in use: {}", path, error_text(errno));
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return fail(Errc::kIo, "cannot remove the old socket {}: {}", path, error_text(errno));
  }
  return {};
}

}  // namespace

HttpUnixSocket::HttpUnixSocket(UniqueFd fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)) {
  struct stat made{};
  if (::lstat(path_.c_str(), &made) == 0) {
    device_ = made.st_dev;
    inode_ = made.st_ino;
  }
}

HttpUnixSocket::~HttpUnixSocket() {
  struct stat found{};
  if (fd_.valid() && ::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ &&
      found.st_ino == inode_) {
    static_cast<void>(::unlink(path_.c_str()));
  }
}

Result<HttpUnixSocket> HttpUnixSocket::listen(const std::string& path) {
  const UnixPath short_path = TRY(UnixPath::of(path));
  const sockaddr_un address = address_of(short_path);
  TRYV(remove_stale(path, address));
  UniqueFd fd = open_socket();
  // Nobody can connect before listen(), so that the mode is right from the first moment.
  if (!fd.valid() || ::bind(fd.get(), generic(address), sizeof address) != 0) {
    return fail(Errc::kIo, "cannot make the socket {}: {}", path, error_text(errno));
  }
  HttpUnixSocket made(std::move(fd), path);
  if (::chmod(path.c_str(), kMode) != 0 || ::listen(made.get(), kBacklog) != 0) {
    return fail(Errc::kIo, "cannot listen on the socket {}: {}", path, error_text(errno));
  }
  return made;
}

}  // namespace tandem
