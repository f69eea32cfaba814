// What an UPDATE message comes to in its zone (RFC 2136 s3): prerequisites, then the steps in their
// order, all or nothing.
#pragma once

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

/// For the writer. What is added goes by itself at `expires`, in seconds since 1970; 0: never. When
/// the plan fails, `*rcode` says what the client gets; it is written on the
/// writer's thread before the request is done.
[[nodiscard]] Planner plan_update(UpdateMessage update, std::shared_ptr<Rcode> rcode,
                                  std::int64_t expires = 0);

}  // namespace tandem
