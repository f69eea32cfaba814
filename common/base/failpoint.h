// Places where a test ends the process as a power cut would: TANDEM_FAILPOINT=NAME:COUNT kills it
// when it comes to NAME for the COUNT-th time. Not set, a place costs one comparison.
#pragma once

#include <string_view>

namespace tandem {

/// For the change path alone; docs/life_of_a_change.md says where each name is.
void failpoint(std::string_view name) noexcept;

}  // namespace tandem
