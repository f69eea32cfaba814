// The values of known SvcParam keys (RFC 9460 s7, s8; RFC 9461 s5; RFC 9540 s4): one row per key.
// Immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"

namespace tandem {

constexpr std::uint16_t kMandatoryServiceKey = 0;
constexpr std::uint16_t kAlpnServiceKey = 1;
constexpr std::uint16_t kNoDefaultAlpnServiceKey = 2;
constexpr std::uint16_t kInvalidServiceKey = 65535;     // RFC 9460 s14.3.2
constexpr std::string_view kGenericServiceKey = "key";  // key<n>, for every key (RFC 9460 s2.1)

struct ServiceValue {
  std::string_view name;
  std::string_view expected;
  bool (*is_good)(OctetSpan value) noexcept;
  /// Appends the value of a text whose escapes are resolved; what it appended is then asked of
  /// is_good().
  bool (*parse)(std::string_view text, Octets& to);
  /// Appends a value that is not empty. Null: as quoted text behind key<n>, which every reader
  /// knows.
  void (*print)(OctetSpan value, std::string& to);
};

/// The row of `key`; null when it has none.
[[nodiscard]] const ServiceValue* service_value_of(std::uint16_t key) noexcept;

/// A row's name, or key<n> without leading zeros (RFC 9460 s2.1).
[[nodiscard]] std::optional<std::uint16_t> service_key_from_text(std::string_view text);
void print_service_key(std::uint16_t key, std::string& to);

}  // namespace tandem
