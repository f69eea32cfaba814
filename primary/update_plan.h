// What an UPDATE message comes to in its zone (RFC 2136 s3): prerequisites, then the steps in their
// order, all or nothing.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>

#include "common/dns/update_message.h"
#include "common/node/change.h"
#include "common/zone/changeset.h"
#include "common/zone/zone.h"

namespace tandem {

/// The changeset; empty when everything is already so. A pure function of both.
[[nodiscard]] std::expected<Changeset, UpdateRefusal> changes_of(const UpdateMessage& update,
                                                                 const Zone& zone);

/// When what an update adds goes by itself; what it adds again does so later then.
struct UpdateExpiry {
  std::int64_t at = 0;     // seconds since 1970; 0: never
  std::int64_t slack = 0;  // what expires so many seconds before `at` does well enough
};

/// For the writer. When the plan fails, `*rcode` says what the client gets; it is written on the
/// writer's thread before the request is done.
[[nodiscard]] Planner plan_update(UpdateMessage update, std::shared_ptr<Rcode> rcode,
                                  UpdateExpiry expiry = {});

}  // namespace tandem
