// Whole files as text, in and out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace tandem {

/// `-` is standard input. Fails: kNotFound when there is no regular file (a device or a pipe might
/// never end), kTooLarge, kIo.
Result<std::string> read_file_text(const std::filesystem::path& file, std::uintmax_t most_octets);

/// Writes a file anew in one step: whoever reads it meanwhile has the old one whole. Fails: kIo.
Status write_file_text(const std::filesystem::path& file, std::string_view text);

}  // namespace tandem
