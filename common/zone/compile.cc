#include "common/zone/compile.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>
#include <span>

#include "common/base/check.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

// A block offset becomes a 14-bit message offset once the place of the block is added to it; blocks
// stand right behind the question in all answers where that matters.
constexpr std::size_t kBlockOffsetLimit = kMarkValue - 1024;
constexpr std::size_t kRememberedNames =
    48;  // suffixes of earlier rdata that later names may point to

/// Builds one wire block with its fixups.
class BlockWriter {
 public:
  explicit BlockWriter(NameView owner) : owner_(owner) {
    // What a wildcard expands is not in the message, so `*.a` only offers its parent's suffixes.
    const NameView usable = owner.is_wildcard() ? owner.parent() : owner;
    for (NameView suffix = usable; !suffix.is_root(); suffix = suffix.parent()) {
      owner_suffixes_.set(suffix.size());
    }
  }

  void add_rr(RrType type, std::uint32_t ttl, OctetSpan rdata) {
    append_be(wire_, std::uint16_t{0xc00c});
    append_be(wire_, number(type));
    append_be(wire_, static_cast<std::uint16_t>(RrClass::kIn));
    append_be(wire_, ttl);
    const std::size_t length_at = wire_.size();
    append_be(wire_, std::uint16_t{0});
    const CompressibleNames names = compressible_names(type, rdata);
    std::size_t done = 0;
    for (std::size_t i = 0; i < names.count; ++i) {
      append(wire_, rdata.subspan(done, names.name[i].offset - done));
      add_name(NameView::unchecked(rdata.subspan(names.name[i].offset, names.name[i].octets)));
      done = names.name[i].offset + names.name[i].octets;
    }
    append(wire_, rdata.subspan(done));
    store_be16(wire_.data() + length_at, static_cast<std::uint16_t>(wire_.size() - length_at - 2));
  }

  [[nodiscard]] const Octets& wire() const noexcept { return wire_; }

  [[nodiscard]] const std::vector<std::uint16_t>& suffixes() const noexcept { return suffixes_; }

  [[nodiscard]] const std::vector<std::uint16_t>& blocks() const noexcept { return blocks_; }

 private:
  void add_name(NameView name) {
    const std::size_t complete = known_count_;  // suffixes of names that are written to their end
    for (NameView rest = name; !rest.is_root(); rest = rest.parent()) {
      if (is_owner_suffix(rest)) {
        suffixes_.push_back(static_cast<std::uint16_t>(wire_.size()));
        append_be(wire_, static_cast<std::uint16_t>(kSuffixMark | rest.size()));
        return;
      }
      if (const std::size_t seen = earlier(rest, complete); seen != kNone) {
        blocks_.push_back(static_cast<std::uint16_t>(wire_.size()));
        append_be(wire_, static_cast<std::uint16_t>(kBlockMark | seen));
        return;
      }
      if (known_count_ < kRememberedNames && wire_.size() < kBlockOffsetLimit) {
        known_[known_count_++] = {static_cast<std::uint16_t>(wire_.size()),
                                  static_cast<std::uint8_t>(rest.size())};
      }
      append(wire_, rest.wire().first(1U + rest.wire()[0]));
    }
    wire_.push_back(0);
  }

  /// Letter case must agree too: the name has to come out of the arena as it went in.
  [[nodiscard]] bool is_owner_suffix(NameView suffix) const noexcept {
    return suffix.size() <= owner_.size() && owner_suffixes_.test(suffix.size()) &&
           equal(owner_.wire().last(suffix.size()), suffix.wire());
  }

  [[nodiscard]] std::size_t earlier(NameView suffix, std::size_t complete) const {
    for (const Known& known : std::span(known_).first(complete)) {
      // Suffixes of one name all differ in size, so that few are expanded for a whole name.
      if (known.octets == suffix.size() &&
          equal(expanded_name(wire_, known.at, owner_).wire(), suffix.wire())) {
        return known.at;
      }
    }
    return kNone;
  }

  /// A suffix that later names may point to: where it stands in wire_, and its size when whole.
  struct Known {
    std::uint16_t at;
    std::uint8_t octets;
  };

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  NameView owner_;
  std::bitset<kMaxNameOctets + 1> owner_suffixes_;  // by size in octets
  Octets wire_;
  std::vector<std::uint16_t> suffixes_;
  std::vector<std::uint16_t> blocks_;
  std::size_t known_count_ = 0;
  std::array<Known, kRememberedNames> known_;  // the first known_count_
};

/// Fills a blob from front to back.
class BlobFiller {
 public:
  explicit BlobFiller(std::span<std::uint8_t> room) : at_(room.data()) {}

  void put(const void* from, std::size_t octets) noexcept {
    if (octets > 0) {
      std::memcpy(at_, from, octets);
      at_ += octets;
    }
  }

  void put_rr(RrType type, std::uint32_t ttl, OctetSpan rdata) noexcept {
    store_be16(at_, 0xc00c);
    store_be16(at_ + 2, number(type));
    store_be16(at_ + 4, static_cast<std::uint16_t>(RrClass::kIn));
    store_be32(at_ + 6, ttl);
    store_be16(at_ + 10, static_cast<std::uint16_t>(rdata.size()));
    at_ += kRrFixedOctets;
    put(rdata.data(), rdata.size());
  }

 private:
  std::uint8_t* at_;
};

void put_fixups(BlobFiller& filler, const std::vector<std::uint16_t>& suffixes,
                const std::vector<std::uint16_t>& blocks) {
  const std::array counts = {static_cast<std::uint16_t>(suffixes.size()),
                             static_cast<std::uint16_t>(blocks.size())};
  filler.put(counts.data(), sizeof counts);
  filler.put(suffixes.data(), suffixes.size() * 2);
  filler.put(blocks.data(), blocks.size() * 2);
}

bool may_compress(RrType type) noexcept {
  return type == RrType::kNs || type == RrType::kCname || type == RrType::kPtr ||
         type == RrType::kMx || type == RrType::kSoa;
}

std::size_t wire_octets(const std::vector<OctetSpan>& rdatas) noexcept {
  std::size_t octets = 0;
  for (const OctetSpan rdata : rdatas) {
    octets += kRrFixedOctets + rdata.size();
  }
  return octets;
}

std::size_t sig_octets(const std::vector<CompileInput::Sig>& sigs) noexcept {
  std::size_t octets = 0;
  for (const CompileInput::Sig& sig : sigs) {
    octets += kRrFixedOctets + sig.rdata.size();
  }
  return octets;
}

}  // namespace

Result<ArenaOffset> compile_rrset(const CompileInput& input, Arena& arena) {
  const std::size_t sigs = sig_octets(input.sigs);
  const std::size_t plain = wire_octets(input.rdatas);
  if (plain + sigs > kMaxRrSetWire) {
    return fail(Errc::kTooLarge,
                "{} {}: {} octets with signatures do not fit into one message of 65535 octets",
                input.owner.to_text(), to_text(input.type), plain + sigs);
  }
  BlockWriter compressed(input.owner);
  const bool compress = may_compress(input.type);
  if (compress) {
    for (const OctetSpan rdata : input.rdatas) {
      compressed.add_rr(input.type, input.ttl, rdata);
    }
  }
  const auto& suffixes = compressed.suffixes();
  const auto& blocks = compressed.blocks();
  const std::size_t wire = compress ? compressed.wire().size() : plain;
  const bool fixups = !suffixes.empty() || !blocks.empty();
  const std::size_t trailer = fixups ? 4 + 2 * (suffixes.size() + blocks.size()) : 0;

  const Arena::Blob blob = arena.allocate(sizeof(RrSetHead) + wire + sigs + trailer);
  BlobFiller filler(blob.octets);
  const RrSetHead head{static_cast<std::uint16_t>(input.rdatas.size()),
                       static_cast<std::uint16_t>(wire), static_cast<std::uint16_t>(sigs),
                       fixups ? kHasFixups : std::uint16_t{0}};
  filler.put(&head, sizeof head);
  if (compress) {
    filler.put(compressed.wire().data(), wire);
  } else {
    for (const OctetSpan rdata : input.rdatas) {
      filler.put_rr(input.type, input.ttl, rdata);
    }
  }
  for (const CompileInput::Sig& sig : input.sigs) {
    filler.put_rr(RrType::kRrsig, sig.ttl, sig.rdata);
  }
  if (fixups) {
    put_fixups(filler, suffixes, blocks);
  }
  return blob.offset;
}

ArenaOffset compile_glue(NameView cut, NameView origin, RrSetView ns, const GlueSource& addresses,
                         Arena& arena) {
  Octets wire;
  std::vector<std::uint16_t> elsewhere;
  std::size_t count = 0;
  for (const StoredRr rr : StoredRrs(ns.wire())) {
    const auto at = static_cast<std::size_t>(rr.rdata().data() - ns.wire().data());
    const Name target = expanded_name(ns.wire(), at, cut);
    if (at >= kBlockOffsetLimit || !target.is_subdomain_of(origin)) {
      continue;
    }
    if (!target.is_subdomain_of(cut)) {
      elsewhere.push_back(static_cast<std::uint16_t>(at));
      continue;
    }
    for (const RrSetView set : addresses(target)) {
      if (wire.size() + set.wire().size() > kMaxRrSetWire) {
        break;
      }
      for (const StoredRr address : StoredRrs(set.wire())) {
        const std::size_t start = wire.size();
        append(wire, {address.at, address.octets()});
        store_be16(wire.data() + start, static_cast<std::uint16_t>(kBlockMark | at));
        ++count;
      }
    }
  }
  if (count == 0 && elsewhere.empty()) {
    return 0;
  }
  const RrSetHead head{static_cast<std::uint16_t>(count), static_cast<std::uint16_t>(wire.size()),
                       0, elsewhere.empty() ? std::uint16_t{0} : kHasFixups};
  const std::size_t trailer = elsewhere.empty() ? 0 : 4 + 2 * elsewhere.size();
  const Arena::Blob blob = arena.allocate(sizeof head + wire.size() + trailer);
  BlobFiller filler(blob.octets);
  filler.put(&head, sizeof head);
  filler.put(wire.data(), wire.size());
  if (!elsewhere.empty()) {
    put_fixups(filler, {}, elsewhere);
  }
  return blob.offset;
}

}  // namespace tandem
