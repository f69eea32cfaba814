// The node's key on disk: a crash at any moment leaves no key or a whole one, never half of one.
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/durable_file.h"
#include "common/base/unique_fd.h"
#include "common/crypto/node_key.h"
#include "common/crypto/node_key_pem.h"

namespace tandem {
namespace {

using std::filesystem::path;

constexpr mode_t kPrivate = 0600;
constexpr mode_t kPublic = 0644;
constexpr mode_t kOthers = 0077;
constexpr std::size_t kMaxPemOctets = std::size_t{64} << 10U;

/// The text of a file, or nothing when it does not exist.
Result<std::optional<std::string>> read_text(const path& file, mode_t forbidden) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) {
    if (errno == ENOENT) {
      return std::nullopt;
    }
    return file_error("open", file);
  }
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) {
    return file_error("read", file);
  }
  if (!S_ISREG(info.st_mode)) {
    return fail(Errc::kCorrupt, "{} is no regular file", file.string());
  }
  if ((info.st_mode & forbidden) != 0) {
    return fail(
        Errc::kRefused,
        "{} may be used by others (mode {:04o}): chmod 600 it, or remove it and node.crt to "
        "get a new key, which every member then has to pin",
        file.string(), info.st_mode & 07777U);
  }
  std::string text;
  std::array<char, 4096> piece{};
  while (true) {
    const ssize_t octets = ::read(fd.get(), piece.data(), piece.size());
    if (octets < 0 && errno == EINTR) {
      continue;
    }
    if (octets < 0) {
      return file_error("read", file);
    }
    if (octets == 0) {
      return text;
    }
    text.append(piece.data(), static_cast<std::size_t>(octets));
    if (text.size() > kMaxPemOctets) {
      return fail(Errc::kCorrupt, "{} is too long for a key or certificate", file.string());
    }
  }
}

/// The private key; made and stored when neither it nor its certificate is there.
Result<std::string> read_or_make_key(const UniqueFd& lock, const path& key_file,
                                     const path& certificate_file) {
  std::optional<std::string> key = TRY(read_text(key_file, kOthers));
  if (key) {
    return *std::move(key);
  }
  // The key is stored before its certificate: one without the other is no interrupted start but a
  // loss.
  if (::access(certificate_file.c_str(), F_OK) == 0) {
    return fail(Errc::kCorrupt,
                "{} is missing beside {}: restore it from a backup, or remove the certificate too "
                "to get a new key, which every member then has to pin",
                key_file.string(), certificate_file.string());
  }
  std::string made = make_private_key_pem();
  TRYV(store_file(lock, key_file, made, kPrivate));
  return made;
}

Result<NodeKey> load_or_make(const path& folder, const std::string& stem) {
  const path key_file = folder / (stem + ".key");
  const path certificate_file = folder / (stem + ".crt");
  const UniqueFd lock = TRY(lock_folder(folder));

  std::string key = TRY(read_or_make_key(lock, key_file, certificate_file));
  // The certificate says nothing that the key does not, so any that does not fit is simply made
  // again.
  const std::optional<std::string> certificate =
      read_text(certificate_file, 0).value_or(std::nullopt);
  std::string certificate_pem;
  if (certificate && is_certificate_of(*certificate, key)) {
    certificate_pem = *certificate;
  } else {
    auto made = make_certificate_pem(key);
    if (!made) {
      return fail(
          Errc::kCorrupt,
          "{} holds no P-256 private key in PEM form: restore it from a backup, or remove it "
          "to get a new one, which every member then has to pin",
          key_file.string());
    }
    TRYV(store_file(lock, certificate_file, *made, kPublic));
    certificate_pem = *std::move(made);
  }
  const KeyPin pin = TRY(KeyPin::of_certificate(certificate_pem));
  return NodeKey{std::move(key), std::move(certificate_pem), pin};
}

}  // namespace

Result<NodeKey> load_or_make_node_key(const path& folder) {
  return load_or_make(folder, "node");
}

Result<NodeKey> load_link_key(const path& folder, const NodeKey& node) {
  const bool has_changed = ::access((folder / "link.key").c_str(), F_OK) == 0;
  return has_changed ? load_or_make(folder, "link") : Result<NodeKey>(node);
}

Result<NodeKey> load_or_make_next_link_key(const path& folder) {
  return load_or_make(folder, "next");
}

Status use_next_link_key(const path& folder) {
  const UniqueFd lock = TRY(lock_folder(folder));
  // Certificates are made anew where they are missing: so the key alone is one step.
  for (const char* const stale : {"next.crt", "link.crt"}) {
    if (const path file = folder / stale; ::unlink(file.c_str()) != 0 && errno != ENOENT) {
      return file_error("remove", file);
    }
  }
  const path file = folder / "link.key";
  if (::rename((folder / "next.key").c_str(), file.c_str()) != 0 || ::fsync(lock.get()) != 0) {
    return file_error("store", file);
  }
  return {};
}

}  // namespace tandem
