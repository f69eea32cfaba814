// A folder for a store, and verbs to open, read and spoil what is in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "common/store/rocks_store.h"
#include "tests/support/faulty_file_system.h"

namespace tandem::testing {

/// A folder that goes away with the object.
class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

using Rows = std::map<std::string, std::string>;

/// All rows of a family; a failure is one of the test.
[[nodiscard]] Rows rows_of(const Store& store, Family family);

[[nodiscard]] std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, std::string_view content);

/// The file of a folder with that extension whose number is highest.
[[nodiscard]] std::filesystem::path newest(const std::filesystem::path& folder,
                                           std::string_view extension);

/// Opens through a file system that syncs nothing for real, which is quick. The store must be
/// closed before it.
struct QuickStore {
  std::unique_ptr<FaultyFileSystem> files;
  Result<OpenedStore> opened = fail(Errc::kInternal, "not opened");
};

[[nodiscard]] QuickStore open_quickly(const std::filesystem::path& folder);

/// One synced write of one row of the log family.
[[nodiscard]] Status put_row(Store& store, std::string_view key, std::string_view value);

}  // namespace tandem::testing
