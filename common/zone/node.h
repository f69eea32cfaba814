// How names and RRsets lie in the arena: stored as they are sent.
//
//   node    := NodeHead slot{rrset_count} name cased?
//   slot    := type:u16 spare:u16 rrset:ArenaOffset            ascending by type
//   name    := the owner's labels without the zone's origin, in lower case (empty at the apex)
//   cased   := the same octets with the owner's own case       when kCaseKept
//
//   rrset   := RrSetHead wire sigs fixups?
//   wire   := rr{count} sigs                  the RRset, then the RRSIGs that cover it
//   sigs   := rr*
//   rr     := C0 0C type:u16 class:u16 ttl:u32 octets:u16 rdata
//   fixups := suffixes:u16 blocks:u16 position:u16{suffixes+blocks}
//
// An rr is in network order, ready to be copied; fixups are offsets into wire, when kHasFixups.
//
// A name in rdata may end in a pointer whose meaning depends on where the RRset will stand: 11 +
// the octets of the owner's suffix that follows, or 10 + an offset into `wire`. Whoever sends the
// RRset overwrites both with real compression pointers (RFC 1035 s4.1.4); `fixups` lists where they
// are.
//
// Integers outside of rr are in the machine's order: this is memory, not a format.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/dns/name.h"
#include "common/dns/types.h"
#include "common/zone/arena.h"

namespace tandem {

// Flags of a node.
constexpr std::uint16_t kNodeCut = 0x0001;       // has NS and is not the apex
constexpr std::uint16_t kNodeOccluded = 0x0002;  // below a cut: glue at best, never an answer
constexpr std::uint16_t kNodeHasCname = 0x0004;
constexpr std::uint16_t kNodeHasDname = 0x0008;
constexpr std::uint16_t kNodeEmpty = 0x0010;     // empty non-terminal (RFC 4592 s2.2.2)
constexpr std::uint16_t kNodeCaseKept = 0x0020;  // the owner has upper case letters
// An NSEC3 owner: does not exist as a name (RFC 5155 s7.2.8). Below a cut it is kNodeOccluded too,
// and that is what decides where it is kept.
constexpr std::uint16_t kNodeNsec3Only = 0x0040;

struct NodeHead {
  std::uint8_t name_octets;
  std::uint8_t any_slot;  // the slot that answers QTYPE ANY (RFC 8482 s4.1)
  std::uint16_t flags;
  std::uint16_t rrset_count;
  std::uint16_t spare;
};

struct RrSetSlot {
  std::uint16_t type;
  std::uint16_t spare;
  ArenaOffset rrset;
};

/// The slot type under which a cut keeps the glue of its referral: see compile.h.
constexpr std::uint16_t kGlueSlot = 0;

constexpr std::uint16_t kHasFixups = 0x0001;

struct RrSetHead {
  std::uint16_t count;  // of records in wire; 0 when only RRSIGs are there
  std::uint16_t wire_octets;
  std::uint16_t sig_octets;
  std::uint16_t flags;
};

constexpr std::size_t kRrFixedOctets = 12;  // owner pointer, type, class, ttl, length
constexpr std::uint16_t kSuffixMark = 0xc000;
constexpr std::uint16_t kBlockMark = 0x8000;
constexpr std::uint16_t kMarkValue = 0x3fff;

/// One record inside `wire` or `sigs`. Views into the arena.
struct StoredRr {
  const std::uint8_t* at = nullptr;

  [[nodiscard]] RrType type() const noexcept { return static_cast<RrType>(load_be16(at + 2)); }

  [[nodiscard]] std::uint32_t ttl() const noexcept { return load_be32(at + 6); }

  [[nodiscard]] OctetSpan rdata() const noexcept {
    return {at + kRrFixedOctets, load_be16(at + 10)};
  }

  [[nodiscard]] std::size_t octets() const noexcept { return kRrFixedOctets + load_be16(at + 10); }
};

/// Range over the records of `wire` or `sigs`.
class StoredRrs {
 public:
  class Iterator {
   public:
    explicit Iterator(const std::uint8_t* at) noexcept : rr_{at} {}

    StoredRr operator*() const noexcept { return rr_; }

    Iterator& operator++() noexcept {
      rr_.at += rr_.octets();
      return *this;
    }

    bool operator!=(const Iterator& other) const noexcept { return rr_.at != other.rr_.at; }

   private:
    StoredRr rr_;
  };

  explicit StoredRrs(OctetSpan octets) noexcept : octets_(octets) {}

  [[nodiscard]] Iterator begin() const noexcept { return Iterator(octets_.data()); }

  [[nodiscard]] Iterator end() const noexcept { return Iterator(octets_.data() + octets_.size()); }

 private:
  OctetSpan octets_;
};

class RrSetView {
 public:
  RrSetView() = default;

  explicit RrSetView(const std::uint8_t* at) noexcept : at_(at) {}

  [[nodiscard]] explicit operator bool() const noexcept { return at_ != nullptr; }

  friend bool operator==(RrSetView a, RrSetView b) noexcept { return a.at_ == b.at_; }

  [[nodiscard]] RrSetHead head() const noexcept { return load_native<RrSetHead>(at_); }

  [[nodiscard]] std::size_t count() const noexcept { return head().count; }

  [[nodiscard]] OctetSpan wire() const noexcept {
    return {at_ + sizeof(RrSetHead), head().wire_octets};
  }

  [[nodiscard]] OctetSpan sigs() const noexcept {
    const RrSetHead h = head();
    return {at_ + sizeof(RrSetHead) + h.wire_octets, h.sig_octets};
  }

  /// wire and sigs in one piece: what a DO answer copies.
  [[nodiscard]] OctetSpan signed_wire() const noexcept {
    const RrSetHead h = head();
    return {at_ + sizeof(RrSetHead), std::size_t{h.wire_octets} + h.sig_octets};
  }

  struct Fixups {
    std::uint16_t suffix_count = 0;
    std::uint16_t block_count = 0;
    const std::uint8_t* positions = nullptr;  // the suffixes first

    [[nodiscard]] std::uint16_t position(std::size_t i) const noexcept {
      return load_native<std::uint16_t>(positions + i * 2);
    }
  };

  [[nodiscard]] Fixups fixups() const noexcept;

  /// Asks the memory for the first of its octets; null is no harm.
  void prefetch() const noexcept {
    if (at_ != nullptr) {
      __builtin_prefetch(at_);
      __builtin_prefetch(at_ + 64);
    }
  }

  [[nodiscard]] std::size_t blob_octets() const noexcept;

 private:
  const std::uint8_t* at_ = nullptr;
};

class NodeView {
 public:
  NodeView() = default;

  explicit NodeView(const std::uint8_t* at) noexcept : at_(at) {}

  [[nodiscard]] explicit operator bool() const noexcept { return at_ != nullptr; }

  [[nodiscard]] NodeHead head() const noexcept {
    DCHECK(at_ != nullptr);
    return load_native<NodeHead>(at_);
  }

  [[nodiscard]] std::uint16_t flags() const noexcept { return head().flags; }

  [[nodiscard]] bool has(std::uint16_t flag) const noexcept { return (flags() & flag) != 0; }

  [[nodiscard]] std::size_t rrset_count() const noexcept { return head().rrset_count; }

  [[nodiscard]] RrSetSlot slot(std::size_t i) const noexcept {
    return load_native<RrSetSlot>(at_ + sizeof(NodeHead) + i * sizeof(RrSetSlot));
  }

  /// Labels without the zone's origin, in lower case.
  [[nodiscard]] OctetSpan relative_name() const noexcept {
    const NodeHead h = head();
    return {at_ + sizeof(NodeHead) + h.rrset_count * sizeof(RrSetSlot), h.name_octets};
  }

  /// The same with the owner's own case.
  [[nodiscard]] OctetSpan cased_name() const noexcept {
    const OctetSpan name = relative_name();
    return has(kNodeCaseKept) ? OctetSpan(name.data() + name.size(), name.size()) : name;
  }

  /// Offset of the RRset (or kGlueSlot) of that type; 0 when there is none.
  [[nodiscard]] ArenaOffset find(std::uint16_t type) const noexcept;
  [[nodiscard]] std::size_t blob_octets() const noexcept;

 private:
  const std::uint8_t* at_ = nullptr;
};

/// Order of relative names: canonical (RFC 4034 s6.1), both in lower case.
[[nodiscard]] int compare_relative(OctetSpan a, OctetSpan b) noexcept;

/// A relative name, in lower case, prepared to be compared with many. Keeps a view.
class RelativeProbe {
 public:
  explicit RelativeProbe(OctetSpan name) noexcept : name_(name), prefix_(prefix_of(name)) {}

  [[nodiscard]] OctetSpan name() const noexcept { return name_; }

  /// compare_relative(name(), other), most often decided by eight octets.
  [[nodiscard]] int compare(OctetSpan other) const noexcept {
    const std::uint64_t prefix = prefix_of(other);
    if (prefix_ != prefix) {
      return prefix_ < prefix ? -1 : 1;
    }
    return compare_relative(name_, other);
  }

 private:
  /// The first eight octets of the last label, followed by zeros: names whose prefixes differ are
  /// in the order of these.
  [[nodiscard]] static std::uint64_t prefix_of(OctetSpan name) noexcept;

  OctetSpan name_;
  std::uint64_t prefix_;
};

/// True when the relative name `name` is `ancestor` or below it, both in lower case.
[[nodiscard]] bool is_relative_subdomain(OctetSpan name, OctetSpan ancestor) noexcept;

/// The rdata of `rr` with its names whole again. `wire` is the RRset's wire, `owner` its whole
/// owner name. Appends to `out`.
void append_expanded_rdata(StoredRr rr, OctetSpan wire, NameView owner, Octets& out);

/// The name that starts `offset` octets into `wire`, whole again.
[[nodiscard]] Name expanded_name(OctetSpan wire, std::size_t offset, NameView owner);

inline std::uint64_t RelativeProbe::prefix_of(OctetSpan name) noexcept {
  if (name.empty()) {
    return 0;
  }
  std::size_t last = 0;
  while (last + 1U + name[last] < name.size()) {
    last += 1U + name[last];
  }
  const std::uint8_t* const label = name.data() + last + 1;
  const std::size_t octets = name[last];
  if (octets >= 8) {
    return load_be64(label);
  }
  // The pieces overlap where the label is no multiple of them, with the same octets.
  if (octets >= 4) {
    return (std::uint64_t{load_be32(label)} << 32U) |
           (std::uint64_t{load_be32(label + octets - 4)} << (64U - 8U * octets));
  }
  const auto octet = [label](std::size_t i) { return std::uint64_t{label[i]} << (56U - 8U * i); };
  return octet(0) | octet(octets / 2) | octet(octets - 1);
}

}  // namespace tandem
