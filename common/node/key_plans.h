// The plans behind changes of the TSIG keys that the log has. What is random in a new secret is
// settled when the plan is made; the plan itself is pure.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "common/crypto/tsig_key.h"
#include "common/node/change.h"

namespace tandem {

/// In one change; an entry holds as many with their names at the longest, each dropped and named.
inline constexpr std::size_t kMaxKeysInChange = 1000;
/// Of a key's secret: more adds nothing, HMAC hashes it first (RFC 2104 s3).
inline constexpr std::size_t kMaxKeyOctets = 1024;

/// Whether the log can name the key. Fails: kInvalid.
Status check_key(const TsigKey& key);

/// A new key. Fails: kExists when there is one of that name. Requires: check_key().
[[nodiscard]] Planner plan_key_create(const TsigKey& key);

enum class IfOther : std::uint8_t { kRefuse, kReplace };
/// Makes the keys exactly these; one that is there with the same algorithm and secret is left out.
/// Fails: kExists when one is there and other, unless it is to be replaced; then nothing changes.
/// Requires: check_key() of each, each name once, at most kMaxKeysInChange.
[[nodiscard]] Planner plan_key_import(const std::vector<TsigKey>& keys, IfOther if_other);

/// Fails: kNotFound.
[[nodiscard]] Planner plan_key_delete(const Name& name);

}  // namespace tandem
