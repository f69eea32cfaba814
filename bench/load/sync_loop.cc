// f: what one durable append costs here. Appends 300 octets to a file and waits for fdatasync(2),
// again and again, and prints one line of JSON. The file is made in the folder given, because f is
// a figure of its disk.
#include <algorithm>
#include <array>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/load/loopback.h"
#include "common/base/unique_fd.h"

namespace tandem::bench {
namespace {

constexpr std::size_t kAppended = 300;  // a small log entry with its envelope

int run(const std::string& folder, std::size_t rounds) {
  const std::string file = folder + "/sync_loop.tmp";
  const UniqueFd fd(
      ::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.valid()) {
    std::perror(file.c_str());
    return 1;
  }
  const std::array<char, kAppended> octets{};
  std::vector<double> spans;
  for (std::size_t i = 0; i < rounds; ++i) {
    const Clock::time_point start = Clock::now();
    if (::write(fd.get(), octets.data(), octets.size()) != static_cast<ssize_t>(octets.size()) ||
        ::fdatasync(fd.get()) != 0) {
      std::perror(file.c_str());
      return 1;
    }
    spans.push_back(microseconds(Clock::now() - start));
  }
  static_cast<void>(::unlink(file.c_str()));
  std::sort(spans.begin(), spans.end());
  fmt::print("{{\"p50_us\":{:.1f},\"p99_us\":{:.1f}}}\n", spans[spans.size() / 2],
             spans[spans.size() * 99 / 100]);
  return 0;
}

}  // namespace
}  // namespace tandem::bench

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown ends the tool and says why
int main(int count, char** words) {
  std::string folder;
  std::size_t rounds = 500;
  CLI::App app("Times fdatasync of 300 appended octets");
  app.add_option("folder", folder)->required();
  app.add_option("--rounds", rounds)->capture_default_str()->check(CLI::Range(10, 100'000));
  CLI11_PARSE(app, count, words);
  return tandem::bench::run(folder, rounds);
}
