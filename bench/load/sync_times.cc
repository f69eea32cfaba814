// To be preloaded into a server (LD_PRELOAD): stands before fdatasync(2) and notes in the file that
// SYNC_TIMES names when each call has ended, as nanoseconds of CLOCK_MONOTONIC, eight octets each,
// after a first number that counts them. The file is mapped, so that a note costs no system call.
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

struct Notes {
  std::atomic<std::uint64_t> count;
  std::array<std::atomic<std::int64_t>, 65535> ended_ns;
};

/// Null when there is no such file: then nothing is noted.
Notes* open_notes() {
  const char* const name = std::getenv("SYNC_TIMES");
  const int file = name != nullptr ? ::open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  if (file < 0 || ::ftruncate(file, sizeof(Notes)) != 0) {
    return nullptr;
  }
  void* const at = ::mmap(nullptr, sizeof(Notes), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  return at != MAP_FAILED ? static_cast<Notes*>(at) : nullptr;  // mapped to the end; never closed
}

}  // namespace

extern "C" int fdatasync(int file) {
  static Notes* const notes = open_notes();
  const auto result = static_cast<int>(::syscall(SYS_fdatasync, file));
  timespec now{};
  static_cast<void>(::clock_gettime(CLOCK_MONOTONIC, &now));
  if (notes != nullptr) {
    const std::uint64_t place = notes->count.fetch_add(1, std::memory_order_relaxed);
    notes->ended_ns[place % notes->ended_ns.size()].store(
        std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec, std::memory_order_relaxed);
  }
  return result;
}
