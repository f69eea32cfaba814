// Rules of a zone that come and go: from the words that somebody gives to the canonical texts that
// the log keeps. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/node/change.h"
#include "common/node/update_rule.h"

namespace tandem {

/// A rule for one zone, as the log has it: names whole and in lower case, of each kind of word the
/// same ones in the same order once. Names that end with the zone's own are whole without a final
/// dot too. Fails: kInvalid for what is no rule and for names outside of the zone.
Result<UpdateRule> zone_rule_from_text(std::string_view text, const Name& zone);

/// `texts`: as UpdateRule::to_text() of zone_rule_from_text() gives. Rules that are there are left.
[[nodiscard]] Planner plan_add_rules(const Name& zone, std::vector<std::string> texts);
/// Fails: kNotFound for a rule that is not there.
[[nodiscard]] Planner plan_remove_rules(const Name& zone, std::vector<std::string> texts);

}  // namespace tandem
