// What is known before a node is made the leader, and when it may become that. Pure functions: who
// acts on them is in program/.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/log/position.h"
#include "common/node/link_hub.h"
#include "common/node/role.h"

namespace tandem {

/// What the operator asks for.
struct PromotionWish {
  bool planned = false;  ///< The leader hands over.
  bool force = false;    ///< Also where changes may be missing.
  bool dry_run = false;  ///< Only say what is known.
};

struct PromotionView {
  Role role = Role::kFollower;
  Position here;
  bool is_doubtful = false;          ///< This node may have lost its newest changes.
  bool is_filling = false;           ///< It is in the middle of a copy of everything.
  std::optional<PeerStatus> leader;  ///< The last one that is known.
  Epoch next_epoch;                  ///< That a promotion begins.
  std::string obstacle;              ///< Of a dry run: why it would be refused; else empty.
};

/// `self`: this node. `peers`: as LinkHub::peers(). Leaves is_doubtful and is_filling.
[[nodiscard]] PromotionView promotion_view(const NodeId& self, const RoleRow& role,
                                           const Position& here,
                                           const std::vector<PeerStatus>& peers);

/// Entries that the leader is known to have had more; there may be others that nobody here heard
/// of.
[[nodiscard]] std::uint64_t known_missing(const PromotionView& view) noexcept;

/// Fails: kInvalid for a wish that contradicts itself, kConflict where it cannot be done, with what
/// to do instead.
Status check_promotion(const PromotionView& view, const PromotionWish& wish);

/// Makes this node the leader, and says what was known just before. Answers from any thread.
using Promote =
    std::function<void(const PromotionWish&, std::function<void(Result<PromotionView>)>)>;

}  // namespace tandem
