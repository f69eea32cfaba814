// Which part a node has in its cluster, as the store remembers it. The program's kind only gives it
// to a new store; afterwards promotion and giving way do.
//
//   meta   "role" -> role:u8 [epoch-number:u64 since_us:u64]     the latter two since promotion
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/store/store.h"

namespace tandem {

enum class Role : std::uint8_t { kFollower = 0, kLeader = 1 };

[[nodiscard]] std::string_view to_text(Role role) noexcept;

struct RoleRow {
  Role role = Role::kFollower;
  std::uint64_t epoch = 0;  ///< The newest that was known when it took the role; 0: none.
  WallTime since{};         ///< When that was; zero: nobody knows.

  friend bool operator==(const RoleRow&, const RoleRow&) = default;
};

[[nodiscard]] Octets encode_role(const RoleRow& row);
/// Fails: kCorrupt for octets that are no such row.
Result<RoleRow> decode_role(OctetSpan octets);

/// Makes the row part of `batch`.
void put_role(const RoleRow& row, WriteBatch& batch);
/// Nothing: a new store. Fails: as Store::get() and decode_role().
Result<std::optional<RoleRow>> read_role(const Store& store);

}  // namespace tandem
