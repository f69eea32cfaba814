// A zone's records with what is noted about them, as a table. Pure.
#pragma once

#include <boost/json/value.hpp>

#include "ctl/table.h"

namespace tandem {

/// The records of an answer in their order; disabled ones, which only its notes have, behind those
/// of their set, or where their name would be.
[[nodiscard]] Table record_table(const boost::json::value& answer);

}  // namespace tandem
