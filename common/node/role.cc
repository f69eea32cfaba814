#include "common/node/role.h"

namespace tandem {
namespace {

constexpr std::string_view kRoleKey = "role";
constexpr std::size_t kRowOctets = 1 + 8 + 8;

}  // namespace

std::string_view to_text(Role role) noexcept {
  return role == Role::kLeader ? "leader" : "follower";
}

Octets encode_role(const RoleRow& row) {
  Octets octets{static_cast<std::uint8_t>(row.role)};
  append_be(octets, row.epoch);
  append_be(octets, static_cast<std::uint64_t>(row.since.time_since_epoch().count()));
  return octets;
}

Result<RoleRow> decode_role(OctetSpan octets) {
  const bool is_old = octets.size() == 1;
  if ((!is_old && octets.size() != kRowOctets) ||
      octets.front() > static_cast<std::uint8_t>(Role::kLeader)) {
    return fail(Errc::kCorrupt, "the row of the node's role has {} octets that are none",
                octets.size());
  }
  RoleRow row{static_cast<Role>(octets.front()), 0, {}};
  if (!is_old) {
    row.epoch = load_be64(octets.data() + 1);
    row.since = WallTime(
        std::chrono::microseconds(static_cast<std::int64_t>(load_be64(octets.data() + 9))));
  }
  return row;
}

void put_role(const RoleRow& row, WriteBatch& batch) {
  batch.put(Family::kMeta, as_octets(kRoleKey), encode_role(row));
}

Result<std::optional<RoleRow>> read_role(const Store& store) {
  const std::optional<Octets> row = TRY(store.get(Family::kMeta, as_octets(kRoleKey)));
  if (!row) {
    return std::nullopt;
  }
  return TRY(decode_role(*row));
}

}  // namespace tandem
