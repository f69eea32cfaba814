// A node that is being put together: checked as a whole, then stored.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "common/zone/arena.h"
#include "common/zone/node.h"

namespace tandem {

struct ZoneLimits;

struct NodeDraft {
  Octets relative;               // labels without the origin, lower case
  Octets cased;                  // the same with the owner's case
  std::vector<RrSetSlot> slots;  // ascending by type, kGlueSlot not among them
  ArenaOffset glue = 0;          // of a cut
  std::uint16_t flags = 0;  // those that only the zone knows: kNodeCut, kNodeOccluded, kNodeEmpty
};

/// The rules that hold inside of one name (RFC 1034 s3.6.2, RFC 2181 s6.1 and s10.1, RFC 6672 s2.4,
/// RFC 4592 s4.2, RFC 5155 s7.1). Fails: kInvalid or kTooLarge.
Status check_draft(NameView owner, const NodeDraft& draft, const Arena& arena,
                   const ZoneLimits& limits);

/// Fails: kTooLarge when the nodes of empty non-terminals take more than `limits` has for a zone of
/// that many records.
Status check_empty_octets(NameView origin, std::size_t empty_octets, std::size_t records,
                          const ZoneLimits& limits);

/// Stores the node with all flags that follow from its records.
[[nodiscard]] ArenaOffset store_draft(const NodeDraft& draft, Arena& arena);

/// The stored node as a draft again, glue left out.
[[nodiscard]] NodeDraft draft_of(NodeView node);

/// Puts `rrset` under `type`, replacing what is there; 0 removes it.
void set_slot(NodeDraft& draft, RrType type, ArenaOffset rrset);
[[nodiscard]] ArenaOffset find_slot(const NodeDraft& draft, RrType type) noexcept;

}  // namespace tandem
