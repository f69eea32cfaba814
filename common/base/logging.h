// Log lines of the control plane (the data plane never logs): one event a line, lower case words,
// then key=value: `zone published zone=example.org. serial=7`. error = needs a human, warn =
// degraded, info = state changed, debug = for us. The sink is standard error, which journald keeps.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace tandem {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };

/// Sets what is written. Called once by main, before threads start.
void set_log_level(LogLevel level);

[[nodiscard]] bool log_enabled(LogLevel level) noexcept;
void log_line(LogLevel level, std::string_view line);

template <class... Args>
void log_at(LogLevel level, fmt::format_string<Args...> text, Args&&... args) {
  if (log_enabled(level)) {
    log_line(level, fmt::format(text, std::forward<Args>(args)...));
  }
}

template <class... Args>
void log_debug(fmt::format_string<Args...> text, Args&&... args) {
  log_at(LogLevel::kDebug, text, std::forward<Args>(args)...);
}

template <class... Args>
void log_info(fmt::format_string<Args...> text, Args&&... args) {
  log_at(LogLevel::kInfo, text, std::forward<Args>(args)...);
}

template <class... Args>
void log_warn(fmt::format_string<Args...> text, Args&&... args) {
  log_at(LogLevel::kWarn, text, std::forward<Args>(args)...);
}

template <class... Args>
void log_error(fmt::format_string<Args...> text, Args&&... args) {
  log_at(LogLevel::kError, text, std::forward<Args>(args)...);
}

}  // namespace tandem
