// Turns RRsets into the octets that will be sent (node.h has the layout): records sorted
// canonically, names in rdata compressed against the owner and against each other, the covering
// RRSIGs behind.
//
// A cut's glue (RFC 1034 s4.3.2 step 3b, RFC 9471) is compiled too. Its blob has the layout of an
// RRset, with two differences: the owner of each record is an offset into the NS RRset's wire,
// where the target's name stands; and `blocks` of its fixups lists, by such offsets, the targets
// elsewhere in the zone, whose addresses are looked up when the referral is sent (sibling glue:
// their owner may change without this node knowing).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/zone/arena.h"
#include "common/zone/node.h"

namespace tandem {

/// The records of one type at one owner, with the RRSIGs that cover them. rdatas sorted
/// canonically.
struct CompileInput {
  NameView owner;
  RrType type{};
  std::uint32_t ttl = 0;
  std::vector<OctetSpan> rdatas;

  struct Sig {
    std::uint32_t ttl;
    OctetSpan rdata;
  };

  std::vector<Sig> sigs;
};

/// Largest RRset with its signatures that fits into a message of 65,535 octets beside header,
/// question and OPT.
constexpr std::size_t kMaxRrSetWire = 65535 - 12 - (kMaxNameOctets + 4) - 512;

/// Compiles `input` into `arena`. Fails: kTooLarge when the RRset cannot be sent in one message.
Result<ArenaOffset> compile_rrset(const CompileInput& input, Arena& arena);

/// The address RRsets (compiled) of a name at or below the cut: none, one or two.
using GlueSource = std::function<std::vector<RrSetView>(NameView target)>;

/// Compiles the glue of the delegation `cut`, whose NS RRset is `ns`. Targets at or below `cut` get
/// their addresses from `addresses`; other targets inside of `origin` are listed. Returns 0 when
/// there is neither.
[[nodiscard]] ArenaOffset compile_glue(NameView cut, NameView origin, RrSetView ns,
                                       const GlueSource& addresses, Arena& arena);

}  // namespace tandem
