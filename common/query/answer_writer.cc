#include "common/query/answer_writer.h"

#include <algorithm>

namespace tandem {
namespace {

OctetSpan part_of(RrSetView set, Parts parts) noexcept {
  switch (parts) {
    case Parts::kRecords:
      return set.wire();
    case Parts::kRecordsAndSigs:
      return set.signed_wire();
    case Parts::kSigs:
      return set.sigs();
  }
  return set.wire();
}

/// Where the compressible names of a stored record are: they follow each other.
struct CompressedParts {
  explicit CompressedParts(StoredRr rr) noexcept
      : octets_before(rr.type() == RrType::kMx ? 2 : 0),
        name_count(rr.type() == RrType::kSoa ? 2 : 1) {}

  static std::size_t end_of_name(OctetSpan wire, std::size_t at) noexcept {
    while (wire[at] != 0 && wire[at] <= kMaxLabelOctets) {
      at += 1U + wire[at];
    }
    return at + (wire[at] == 0 ? 1 : 2);
  }

  std::size_t octets_before;
  std::size_t name_count;
};

}  // namespace

bool AnswerWriter::put(Section section, RrSetView set, Parts parts, const NamePlace& name,
                       std::size_t owner_octets) noexcept {
  const OctetSpan octets = part_of(set, parts);
  const std::size_t start = at_;
  const std::size_t owner_at = name.suffix(owner_octets);
  const bool has_records = parts != Parts::kSigs;
  const RrSetView::Fixups fixups = has_records ? set.fixups() : RrSetView::Fixups{};
  if (fixups.block_count > 0 && start + set.wire().size() >= kPointerLimit) {
    return put_without_blocks(section, set, parts, name, owner_at);
  }
  if (limit_ - start < octets.size()) {
    return false;
  }
  std::memcpy(out_.data() + start, octets.data(), octets.size());
  at_ += octets.size();
  for (std::size_t i = 0; i < fixups.suffix_count; ++i) {
    const std::size_t at = start + fixups.position(i);
    set_pointer(at, name.suffix(load_be16(out_.data() + at) & kMarkValue));
  }
  for (std::size_t i = 0; i < fixups.block_count; ++i) {
    const std::size_t at = start + fixups.position(std::size_t{fixups.suffix_count} + i);
    set_pointer(at, start + (load_be16(out_.data() + at) & kMarkValue));
  }
  if (owner_at != kQuestionName) {
    point_owners(start, at_, owner_at);
  }
  const std::size_t known = has_records ? set.count() : 0;
  count_records(section, octets.subspan(has_records ? set.wire().size() : 0), known);
  return true;
}

void AnswerWriter::count_records(Section section, OctetSpan records, std::size_t known) noexcept {
  std::size_t count = known;
  for (const StoredRr rr : StoredRrs(records)) {
    static_cast<void>(rr);
    ++count;
  }
  std::uint16_t& total = counts_[static_cast<std::size_t>(section)];
  total = static_cast<std::uint16_t>(total + count);
}

void AnswerWriter::point_owners(std::size_t from, std::size_t to, std::size_t owner_at) noexcept {
  for (std::size_t at = from; at < to; at += StoredRr{out_.data() + at}.octets()) {
    set_pointer(at, owner_at);
  }
}

/// The rare way: names that would point into a block beyond the reach of a pointer are written out
/// instead.
bool AnswerWriter::put_without_blocks(Section section, RrSetView set, Parts parts,
                                      const NamePlace& name, std::size_t owner_at) noexcept {
  const std::size_t start = at_;
  const OctetSpan wire = set.wire();
  for (const StoredRr rr : StoredRrs(wire)) {
    const std::size_t rr_at = at_;
    bool fits = put_octets({rr.at, kRrFixedOctets});
    std::size_t from = static_cast<std::size_t>(rr.rdata().data() - wire.data());
    const std::size_t end = from + rr.rdata().size();
    const CompressedParts rdata(rr);
    for (std::size_t i = 0; i < rdata.name_count && fits; ++i) {
      const std::size_t name_at = from + (i == 0 ? rdata.octets_before : 0);
      fits = put_octets(wire.subspan(from, name_at - from)) && put_name(wire, name_at, name);
      from = CompressedParts::end_of_name(wire, name_at);
    }
    if (!fits || !put_octets(wire.subspan(from, end - from))) {
      at_ = start;
      return false;
    }
    set_pointer(rr_at, owner_at);
    store_be16(out_.data() + rr_at + 10, static_cast<std::uint16_t>(at_ - rr_at - kRrFixedOctets));
  }
  if (parts == Parts::kRecordsAndSigs) {
    const std::size_t sigs_at = at_;
    if (!put_octets(set.sigs())) {
      at_ = start;
      return false;
    }
    point_owners(sigs_at, at_, owner_at);
    count_records(section, set.sigs(), 0);
  }
  count_records(section, {}, set.count());
  return true;
}

bool AnswerWriter::put_octets(OctetSpan octets) noexcept {
  if (limit_ - at_ < octets.size()) {
    return false;
  }
  if (!octets.empty()) {
    std::memcpy(out_.data() + at_, octets.data(), octets.size());
    at_ += octets.size();
  }
  return true;
}

/// Writes the name at `offset` of `wire` with its block pointers followed and its suffix pointer
/// made real.
bool AnswerWriter::put_name(OctetSpan wire, std::size_t offset, const NamePlace& name) noexcept {
  std::size_t at = offset;
  while (wire[at] != 0) {
    if (wire[at] <= kMaxLabelOctets) {
      if (!put_octets(wire.subspan(at, 1U + wire[at]))) {
        return false;
      }
      at += 1U + wire[at];
      continue;
    }
    const std::uint16_t mark = load_be16(wire.data() + at);
    if ((mark & kSuffixMark) == kSuffixMark) {
      if (limit_ - at_ < 2) {
        return false;
      }
      set_pointer(at_, name.suffix(mark & kMarkValue));
      at_ += 2;
      return true;
    }
    at = mark & kMarkValue;
  }
  return put_octets(wire.subspan(at, 1));
}

bool AnswerWriter::put_at_node(Section section, NodeView node, RrSetView set, Parts parts,
                               std::size_t origin_at) noexcept {
  const OctetSpan octets = part_of(set, parts);
  const OctetSpan labels = node.cased_name();
  const std::size_t start = at_;
  std::size_t owner_at = kPointerLimit;  // of the first record, once it is there and in reach
  for (const StoredRr rr : StoredRrs(octets)) {
    const std::size_t rr_at = at_;
    const bool write_labels = owner_at >= kPointerLimit && !labels.empty();
    if (!put_octets(write_labels ? labels : OctetSpan()) || !put_octets({rr.at, rr.octets()})) {
      at_ = start;
      return false;
    }
    const std::size_t pointer_at = rr_at + (write_labels ? labels.size() : 0);
    set_pointer(pointer_at, owner_at < kPointerLimit ? owner_at : origin_at);
    owner_at = std::min(owner_at, labels.empty() ? origin_at : rr_at);
  }
  count_records(section, octets, 0);
  return true;
}

bool AnswerWriter::put_zone_set(NodeView node, RrSetView set, Parts parts, OriginPlace& origin,
                                NamePlace& owner) noexcept {
  if (owner.octets != 0) {
    return put(Section::kAnswer, set, parts, owner, owner.octets);
  }
  const OctetSpan labels = node.cased_name();
  const std::size_t octets = origin.name.size();
  const bool is_first = origin.at == 0;
  // A record's owner ends in a pointer: to the origin, or behind all of its labels to the root,
  // which the question ends in.
  const OctetSpan own = is_first ? origin.name.wire().first(octets - 1) : OctetSpan();
  const std::size_t tail_at = is_first ? kQuestionName + octets - 1 : origin.at;
  const std::size_t tail_octets = octets - own.size();
  const std::size_t start = at_;
  const NamePlace place{.start = static_cast<std::uint16_t>(start),
                        .octets = static_cast<std::uint16_t>(labels.size() + octets),
                        .tail_octets = static_cast<std::uint16_t>(tail_octets),
                        .tail_end = static_cast<std::uint16_t>(tail_at + tail_octets)};
  if (start + labels.size() >= kPointerLimit || !put_octets(labels) || !put_octets(own) ||
      !put(Section::kAnswer, set, parts, place, place.octets)) {
    at_ = start;
    return false;
  }
  set_pointer(start + labels.size() + own.size(), tail_at);  // behind the labels, not to them
  origin.at = is_first ? start + labels.size() : origin.at;
  owner = place;
  return true;
}

void AnswerWriter::put_head(std::size_t owner_at, RrType type, RrClass rr_class, std::uint32_t ttl,
                            std::size_t rdata_octets) noexcept {
  std::uint8_t* const rr = out_.data() + at_;
  set_pointer(at_, owner_at);
  store_be16(rr + 2, number(type));
  store_be16(rr + 4, static_cast<std::uint16_t>(rr_class));
  store_be32(rr + 6, ttl);
  store_be16(rr + 10, static_cast<std::uint16_t>(rdata_octets));
  at_ += kRrFixedOctets;
  ++counts_[static_cast<std::size_t>(Section::kAnswer)];
}

bool AnswerWriter::put_cname(std::size_t owner_at, std::uint32_t ttl, NameView target) noexcept {
  if (limit_ - at_ < kRrFixedOctets + target.size()) {
    return false;
  }
  put_head(owner_at, RrType::kCname, RrClass::kIn, ttl, target.size());
  return put_octets(target.wire());
}

bool AnswerWriter::put_text(RrClass rr_class, OctetSpan rdata) noexcept {
  if (limit_ - at_ < kRrFixedOctets + rdata.size()) {
    return false;
  }
  put_head(kQuestionName, RrType::kTxt, rr_class, 0, rdata.size());
  return put_octets(rdata);
}

bool AnswerWriter::put_glue(RrSetView glue, std::size_t ns_at) noexcept {
  const OctetSpan octets = glue.wire();
  if (limit_ - at_ < octets.size()) {
    return false;
  }
  const std::size_t start = at_;
  std::memcpy(out_.data() + start, octets.data(), octets.size());
  at_ += octets.size();
  for (std::size_t at = start; at < at_; at += StoredRr{out_.data() + at}.octets()) {
    set_pointer(at, ns_at + (load_be16(out_.data() + at) & kMarkValue));
  }
  std::uint16_t& total = counts_[static_cast<std::size_t>(Section::kAdditional)];
  total = static_cast<std::uint16_t>(total + glue.count());
  return true;
}

bool AnswerWriter::put_glue_whole(RrSetView glue, RrSetView ns, NameView cut) noexcept {
  const std::size_t start = at_;
  for (const StoredRr rr : StoredRrs(glue.wire())) {
    const Name owner = expanded_name(ns.wire(), load_be16(rr.at) & kMarkValue, cut);
    if (!put_octets(owner.wire()) || !put_octets({rr.at + 2, rr.octets() - 2})) {
      at_ = start;
      return false;
    }
  }
  std::uint16_t& total = counts_[static_cast<std::size_t>(Section::kAdditional)];
  total = static_cast<std::uint16_t>(total + glue.count());
  return true;
}

void AnswerWriter::truncate() noexcept {
  at_ = question_end_;
  counts_ = {};
}

}  // namespace tandem
