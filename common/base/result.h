// Errors as values: Result<T>, the one Error type, and the only two macros that return for you.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include <fmt/core.h>

namespace tandem {

/// What kind of failure it is: decides the HTTP status, the rcode and the exit code, never the
/// text.
enum class Errc : std::uint8_t {
  kInvalid,      // the caller's input is wrong
  kNotFound,     // no such zone, record, file, key
  kExists,       // it is there already
  kRefused,      // not allowed, or not in this state
  kConflict,     // the data changed under the caller
  kUnavailable,  // not now: no leader, shutting down, catching up
  kNoSpace,      // the disk is full
  kCorrupt,      // stored or received data contradicts itself
  kIo,           // the operating system said no
  kTooLarge,     // over a limit
  kTimeout,
  kInternal,  // our own mistake
};

/// Stable lower-case word for an Errc, used in JSON and logs.
[[nodiscard]] std::string_view to_text(Errc code) noexcept;

struct Error {
  Errc code = Errc::kInternal;
  std::string detail;  // what is wrong, where, and what to do
};

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

using Status = Result<void>;

/// An error result: `return fail(Errc::kNotFound, "no zone {}", name);`
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> text,
                                          Args&&... args) {
  return std::unexpected<Error>(Error{code, fmt::format(text, std::forward<Args>(args)...)});
}

/// Passes an error on with a prefix that says where it happened.
[[nodiscard]] std::unexpected<Error> in_context(std::string_view where, Error error);

}  // namespace tandem

// TRY(expr): the value of `expr`, or return its error from the enclosing function.
// TRYV(expr): the same for Status. Banned inside coroutines (they would `return`, not `co_return`).
#define TRY(...)                                                               \
  __extension__({                                                              \
    auto try_result_ = (__VA_ARGS__);                                          \
    if (!try_result_) {                                                        \
      return std::unexpected<::tandem::Error>(std::move(try_result_).error()); \
    }                                                                          \
    std::move(try_result_).value();                                            \
  })

#define TRYV(...)                                                              \
  do {                                                                         \
    auto try_result_ = (__VA_ARGS__);                                          \
    if (!try_result_) {                                                        \
      return std::unexpected<::tandem::Error>(std::move(try_result_).error()); \
    }                                                                          \
  } while (false)
