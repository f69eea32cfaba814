// CHECK: our own broken invariant ends the process, always on. DCHECK: the expensive ones, debug
// builds only. Never for input: what comes from outside is a value, not an invariant.
#pragma once

namespace tandem {

/// Writes `file:line: CHECK failed: what` to standard error and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* what) noexcept;

}  // namespace tandem

#define CHECK(condition)                                      \
  do {                                                        \
    if (!(condition)) [[unlikely]] {                          \
      ::tandem::check_failed(__FILE__, __LINE__, #condition); \
    }                                                         \
  } while (false)

#ifdef NDEBUG
#define DCHECK(condition) static_cast<void>(0)
#else
#define DCHECK(condition) CHECK(condition)
#endif
