// The tables that the rdata tests run over: one row per line, cells between bars.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/dns/types.h"

namespace tandem::testing {

/// The cells of each line of `table` that is not empty, white space around them taken off.
[[nodiscard]] std::vector<std::vector<std::string>> rows_of(std::string_view table);

/// Hex with white space in it as octets; aborts when it is none.
[[nodiscard]] Octets octets_of(std::string_view hex);

/// A type by its mnemonic; aborts when it is none.
[[nodiscard]] RrType type_of(std::string_view mnemonic);

/// type | text, relative names below example. | wire | text as printed, empty when it is the same
[[nodiscard]] std::string_view good_rdata_table();
/// type | text | error
[[nodiscard]] std::string_view bad_rdata_text_table();
/// type | wire | end of the error
[[nodiscard]] std::string_view bad_rdata_wire_table();

}  // namespace tandem::testing
