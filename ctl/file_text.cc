#include "ctl/file_text.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <system_error>

namespace tandem {

namespace fs = std::filesystem;

namespace {

Result<std::string> read_standard_input(std::uintmax_t most_octets) {
  std::string text;
  std::array<char, std::size_t{64} << 10U> part{};
  while (const std::size_t octets = std::fread(part.data(), 1, part.size(), stdin)) {
    text.append(part.data(), octets);
    if (text.size() > most_octets) {
      return fail(Errc::kTooLarge, "standard input has more than {} octets", most_octets);
    }
  }
  if (std::ferror(stdin) != 0) {
    return fail(Errc::kIo, "cannot read standard input: {}", std::strerror(errno));
  }
  return text;
}

}  // namespace

Result<std::string> read_file_text(const fs::path& file, std::uintmax_t most_octets) {
  if (file == "-") {
    return read_standard_input(most_octets);
  }
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    return fail(Errc::kNotFound, "{}: {}", file.string(),
                error ? error.message() : "is no regular file; - takes standard input");
  }
  const std::uintmax_t octets = fs::file_size(file, error);
  if (error || octets > most_octets) {
    return fail(Errc::kTooLarge, "{} has more than {} octets", file.string(), most_octets);
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text(static_cast<std::size_t>(octets), '\0');
  stream.read(text.data(), static_cast<std::streamsize>(octets));
  if (!stream) {
    return fail(Errc::kIo, "cannot read {}: {}", file.string(), std::strerror(errno));
  }
  return text;
}

Status write_file_text(const fs::path& file, std::string_view text) {
  const fs::path next = file.string() + ".new";
  std::ofstream stream(next, std::ios::binary | std::ios::trunc);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  if (!stream) {
    return fail(Errc::kIo, "cannot write {}: {}", next.string(), std::strerror(errno));
  }
  std::error_code error;
  fs::rename(next, file, error);
  if (error) {
    return fail(Errc::kIo, "cannot write {}: {}", file.string(), error.message());
  }
  return {};
}

}  // namespace tandem
