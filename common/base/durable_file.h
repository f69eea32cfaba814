// Small files that a crash at any moment leaves whole: as they were, or as they are to be.
#pragma once

#include <filesystem>
#include <string_view>
#include <sys/types.h>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace tandem {

/// The folder's own lock, so that of two processes one waits for the other; held until the
/// descriptor is closed. Fails: kIo with the path.
Result<UniqueFd> lock_folder(const std::filesystem::path& folder);

/// Puts `text` at `file` as one step that survives a power cut. Requires: `folder`, which the file
/// is in, is what lock_folder() gave. Fails: kIo, kNoSpace with the path.
Status store_file(const UniqueFd& folder, const std::filesystem::path& file, std::string_view text,
                  mode_t mode);

/// The system's last error (errno), with what was tried and the path; kNoSpace where that is it.
[[nodiscard]] std::unexpected<Error> file_error(std::string_view what,
                                                const std::filesystem::path& file);

}  // namespace tandem
