#include "tests/unit/store/store_fixture.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace tandem::testing {

namespace fs = std::filesystem;

TempFolder::TempFolder() {
  std::string made = (fs::temp_directory_path() / "tandem_store_XXXXXX").string();
  path_ = ::mkdtemp(made.data());
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Rows rows_of(const Store& store, Family family) {
  Rows rows;
  const Status read = store.scan(family, {}, {}, [&](OctetSpan key, OctetSpan value) {
    rows.emplace(as_text(key), as_text(value));
    return ScanNext::kContinue;
  });
  EXPECT_TRUE(read) << read.error().detail;
  return rows;
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const fs::path& file, std::string_view content) {
  fs::remove(file);  // a new file: ext4 writes one out at once that is cut and written again
  std::ofstream out(file, std::ios::binary);
  out << content;
  EXPECT_TRUE(out.good()) << file;
}

fs::path newest(const fs::path& folder, std::string_view extension) {
  fs::path found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension && entry.path() > found &&
        !entry.path().filename().string().starts_with("doubtful")) {
      found = entry.path();
    }
  }
  EXPECT_FALSE(found.empty()) << folder;
  return found;
}

QuickStore open_quickly(const fs::path& folder) {
  QuickStore out;
  fs::create_directories(folder);
  out.files = std::make_unique<FaultyFileSystem>(folder, 1);
  out.opened = open_rocks_store({folder, out.files->seam()});
  return out;
}

Status put_row(Store& store, std::string_view key, std::string_view value) {
  WriteBatch batch;
  batch.put(Family::kLog, as_octets(key), as_octets(value));
  return store.write(batch, Durability::kSynced);
}

}  // namespace tandem::testing
