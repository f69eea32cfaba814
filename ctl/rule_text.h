// Rules of the log as people read them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tandem {

/// The rule with its times in the largest unit that they are whole in: `expire:1d` for what the log
/// has as `expire:86400`. It is read back as the same rule.
[[nodiscard]] std::string shown_rule(std::string_view rule);

}  // namespace tandem
