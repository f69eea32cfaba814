#include "common/store/store_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <unistd.h>
#include <utility>

#include "common/base/unique_fd.h"
#include "common/store/rocks_store.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDoubtfulPrefix = "doubtful-";
constexpr std::string_view kSettledPrefix = "settled-";
constexpr std::string_view kProbeName = "space-probe";
constexpr std::uintmax_t kOpeningOctets = std::uintmax_t{1}
                                          << 20U;  // manifest, first octets of a log

std::unexpected<Error> io_error(std::string_view what, const fs::path& file, int error) {
  const Errc code = error == ENOSPC || error == EDQUOT ? Errc::kNoSpace : Errc::kIo;
  return fail(code, "cannot {} {}: {}", what, file.string(), std::strerror(error));
}

Status sync_folder(const fs::path& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) {
    return io_error("store", folder, errno);
  }
  return {};
}

/// The number in `000012.log`; nothing for other names.
std::optional<std::uint64_t> wal_number(const fs::path& file) {
  const std::string stem = file.stem().string();
  std::uint64_t number = 0;
  const char* const end = stem.data() + stem.size();
  const auto [stop, error] = std::from_chars(stem.data(), end, number);
  if (file.extension() != ".log" || error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return number;
}

Status copy_durably(const fs::path& from, const fs::path& to) {
  const UniqueFd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  const UniqueFd out(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!in.valid() || !out.valid()) {
    return io_error("copy", in.valid() ? to : from, errno);
  }
  std::array<char, 65536> piece;
  while (true) {
    const ssize_t octets = ::read(in.get(), piece.data(), piece.size());
    if (octets < 0) {
      return io_error("read", from, errno);
    }
    if (octets == 0) {
      break;
    }
    for (ssize_t done = 0; done < octets;) {
      const ssize_t written =
          ::write(out.get(), piece.data() + done, static_cast<std::size_t>(octets - done));
      if (written < 0) {
        return io_error("write", to, errno);
      }
      done += written;
    }
  }
  if (::fsync(out.get()) != 0) {
    return io_error("store", to, errno);
  }
  return {};
}

/// `prefix` and the name of `file` in the same folder, with a number where that is taken.
fs::path free_name(const fs::path& file, std::string_view prefix) {
  const std::string name = std::string(prefix) + file.filename().string();
  fs::path candidate = file.parent_path() / name;
  for (int i = 1; fs::exists(candidate); ++i) {
    candidate = file.parent_path() / fmt::format("{}.{}", name, i);
  }
  return candidate;
}

/// The manifest that CURRENT names, when it does.
fs::path current_manifest(const fs::path& folder) {
  std::ifstream in(folder / "CURRENT");
  std::string name;
  std::getline(in, name);
  return name.starts_with("MANIFEST-") && name.find('/') == std::string::npos ? folder / name
                                                                              : fs::path();
}

}  // namespace

Result<StoreFiles> list_store_files(const fs::path& folder) {
  StoreFiles files;
  std::vector<std::pair<std::uint64_t, fs::path>> wals;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& file = at->path();
    const std::string name = file.filename().string();
    if (const auto number = wal_number(file)) {
      wals.emplace_back(*number, file);
    }
    files.has_current = files.has_current || name == "CURRENT";
    files.has_tables = files.has_tables || file.extension() == ".sst";
    if (name.starts_with(kDoubtfulPrefix) && !name.ends_with(".half")) {
      files.doubtful.push_back(file);
    }
  }
  if (error) {
    return fail(Errc::kIo, "cannot list {}: {}", folder.string(), error.message());
  }
  files.manifest = current_manifest(folder);
  std::ranges::sort(wals);
  std::ranges::sort(files.doubtful);
  for (auto& [number, file] : wals) {
    files.wals.push_back(std::move(file));
  }
  return files;
}

Status make_store_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) {
    return {};
  }
  const fs::path parent = fs::absolute(folder).lexically_normal().parent_path();
  if (parent != folder) {
    TRYV(make_store_folder(parent));
  }
  fs::create_directory(folder, error);
  if (error) {
    return io_error("create", folder, error.value());
  }
  return sync_folder(parent);
}

Status check_space(const fs::path& folder) {
  const StoreFiles files = TRY(list_store_files(folder));
  std::uintmax_t octets = kOpeningOctets;
  for (const fs::path& wal : files.wals) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(wal, error);
    octets += error ? 0 : size;
  }
  const fs::path probe = folder / kProbeName;
  const UniqueFd fd(::open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    return io_error("create", probe, errno);
  }
  ::unlink(probe.c_str());
  const int refused = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(octets));
  return refused == 0 ? Status() : Status(io_error("get space for", probe, refused));
}

Result<fs::path> set_log_aside(const fs::path& log, std::uint64_t good_octets) {
  fs::path copy = free_name(log, kDoubtfulPrefix);
  fs::path half = copy;
  half += ".half";
  TRYV(copy_durably(log, half));
  std::error_code error;
  fs::rename(half, copy, error);
  if (error) {
    return io_error("create", copy, error.value());
  }
  TRYV(sync_folder(log.parent_path()));
  const UniqueFd fd(::open(log.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.valid() || ::ftruncate(fd.get(), static_cast<off_t>(good_octets)) != 0 ||
      ::fsync(fd.get()) != 0) {
    return io_error("cut", log, errno);
  }
  return copy;
}

Status settle_doubt(const fs::path& folder) {
  const StoreFiles files = TRY(list_store_files(folder));
  for (const fs::path& copy : files.doubtful) {
    const std::string name = copy.filename().string().substr(kDoubtfulPrefix.size());
    std::error_code error;
    fs::rename(copy, free_name(folder / name, kSettledPrefix), error);
    if (error) {
      return io_error("rename", copy, error.value());
    }
  }
  return files.doubtful.empty() ? Status() : sync_folder(folder);
}

}  // namespace tandem
