// What the doctor found, for people and for programs. Pure.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "ctl/doctor_findings.h"

namespace tandem {

/// The findings, grouped by severity, each with why it matters and what to do; last a line of
/// counts.
[[nodiscard]] std::string doctor_text(const DoctorFacts& facts,
                                      const std::vector<Finding>& findings);

/// `{"zone","parents","servers","findings","errors","warnings","notes"}`.
[[nodiscard]] boost::json::object doctor_json(const DoctorFacts& facts,
                                              const std::vector<Finding>& findings);

/// Whether there are only notes, or nothing.
[[nodiscard]] bool is_healthy(const std::vector<Finding>& findings);

}  // namespace tandem
