#include "common/base/unix_path.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/un.h>
#include <utility>

#include <fmt/format.h>

namespace tandem {
namespace {

constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;  // the final zero

}  // namespace

UnixPath::UnixPath(UniqueFd folder, std::string text)
    : folder_(std::move(folder)), text_(std::move(text)) {}

Result<UnixPath> UnixPath::of(const std::string& path) {
  if (path.size() <= kLongest) {
    return UnixPath(UniqueFd(), path);
  }
  const std::filesystem::path whole(path);
  UniqueFd folder(::open(whole.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) {
    return fail(Errc::kIo, "cannot open the folder of the socket {}: {}", path,
                std::strerror(errno));
  }
  std::string text = fmt::format("/proc/self/fd/{}/{}", folder.get(), whole.filename().string());
  if (text.size() > kLongest) {
    return fail(Errc::kIo, "the socket's name in {} is too long: at most 80 octets", path);
  }
  return UnixPath(std::move(folder), std::move(text));
}

}  // namespace tandem
