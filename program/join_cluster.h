// `join`: waits until the node that made the token has dialled, and remembers it. Then the node
// serves as any other.
#pragma once

#include <csignal>

#include "common/base/result.h"
#include "common/crypto/join_token.h"
#include "common/node/config.h"

namespace tandem {

enum class Joined : std::uint8_t { kYes, kStopped };

/// Listens on the link's addresses. A node that is a member already has nothing to do; so the same
/// command starts it again. kStopped: one of `signals`, which are blocked, came. Fails: kRefused
/// when the other node does not take the token, kTimeout when none came while a token is good, kIo.
Result<Joined> join_cluster(const Config& config, const JoinToken& token, const sigset_t& signals);

}  // namespace tandem
