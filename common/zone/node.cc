#include "common/zone/node.h"

#include <algorithm>
#include <array>

#include "common/base/check.h"
#include "common/dns/rdata.h"

namespace tandem {
namespace {

struct RelativeLabels {
  explicit RelativeLabels(OctetSpan name) noexcept {
    for (std::size_t at = 0; at < name.size(); at += 1U + name[at]) {
      offset[count++] = static_cast<std::uint8_t>(at);
    }
  }

  std::array<std::uint8_t, kMaxLabels> offset;
  std::size_t count = 0;
};

int compare_octets(OctetSpan a, OctetSpan b) noexcept {
  const std::size_t common = std::min(a.size(), b.size());
  const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
  return order != 0 ? order : static_cast<int>(a.size()) - static_cast<int>(b.size());
}

OctetSpan label_at(OctetSpan name, std::size_t offset) noexcept {
  return name.subspan(offset + 1, name[offset]);
}

}  // namespace

RrSetView::Fixups RrSetView::fixups() const noexcept {
  const RrSetHead h = head();
  if ((h.flags & kHasFixups) == 0) {
    return {};
  }
  const std::uint8_t* const at = at_ + sizeof(RrSetHead) + h.wire_octets + h.sig_octets;
  return {load_native<std::uint16_t>(at), load_native<std::uint16_t>(at + 2), at + 4};
}

std::size_t RrSetView::blob_octets() const noexcept {
  const RrSetHead h = head();
  const Fixups f = fixups();
  const std::size_t trailer =
      f.positions == nullptr ? 0 : 4 + 2U * (f.suffix_count + f.block_count);
  return sizeof(RrSetHead) + h.wire_octets + h.sig_octets + trailer;
}

ArenaOffset NodeView::find(std::uint16_t type) const noexcept {
  const std::size_t count = rrset_count();
  for (std::size_t i = 0; i < count; ++i) {
    const RrSetSlot s = slot(i);
    if (s.type >= type) {
      return s.type == type ? s.rrset : 0;
    }
  }
  return 0;
}

std::size_t NodeView::blob_octets() const noexcept {
  const NodeHead h = head();
  const std::size_t copies = (h.flags & kNodeCaseKept) != 0 ? 2 : 1;
  return sizeof(NodeHead) + h.rrset_count * sizeof(RrSetSlot) + copies * h.name_octets;
}

int compare_relative(OctetSpan a, OctetSpan b) noexcept {
  const auto is_one_label = [](OctetSpan name) {
    return !name.empty() && name.size() == 1U + name[0];
  };
  if (is_one_label(a) && is_one_label(b)) {  // nearly all names of most zones
    return compare_octets(a.subspan(1), b.subspan(1));
  }
  const RelativeLabels in_a(a);
  const RelativeLabels in_b(b);
  std::size_t i = in_a.count;
  std::size_t j = in_b.count;
  while (i > 0 && j > 0) {
    const int order = compare_octets(label_at(a, in_a.offset[--i]), label_at(b, in_b.offset[--j]));
    if (order != 0) {
      return order;
    }
  }
  return static_cast<int>(i) - static_cast<int>(j);
}

bool is_relative_subdomain(OctetSpan name, OctetSpan ancestor) noexcept {
  if (name.size() < ancestor.size()) {
    return false;
  }
  const std::size_t start = name.size() - ancestor.size();
  std::size_t at = 0;
  while (at < start) {
    at += 1U + name[at];
  }
  return at == start && equal(name.subspan(start), ancestor);
}

Name expanded_name(OctetSpan wire, std::size_t offset, NameView owner) {
  NameBuilder builder;
  Name out;
  NameView rest;  // what the labels end with: the root, or a suffix of the owner
  std::size_t at = offset;
  while (wire[at] != 0) {
    if (wire[at] <= kMaxLabelOctets) {
      CHECK(builder.append_label(label_at(wire, at)));
      at += 1U + wire[at];
      continue;
    }
    const std::uint16_t mark = load_be16(wire.data() + at);
    const std::size_t value = mark & kMarkValue;
    if ((mark & kSuffixMark) == kSuffixMark) {
      rest = NameView::unchecked(owner.wire().last(value));
      break;
    }
    at = value;
  }
  CHECK(builder.finish(rest, out));
  return out;
}

void append_expanded_rdata(StoredRr rr, OctetSpan wire, NameView owner, Octets& out) {
  const OctetSpan rdata = rr.rdata();
  const auto append_name = [&](std::size_t at) {
    const auto offset = static_cast<std::size_t>(rdata.data() - wire.data()) + at;
    append(out, expanded_name(wire, offset, owner).wire());
    while (rdata[at] != 0 && rdata[at] <= kMaxLabelOctets) {
      at += 1U + rdata[at];
    }
    return at + (rdata[at] == 0 ? 1 : 2);
  };
  std::size_t at = 0;
  switch (rr.type()) {
    case RrType::kNs:
    case RrType::kCname:
    case RrType::kPtr:
      at = append_name(0);
      break;
    case RrType::kMx:
      append(out, rdata.first(2));
      at = append_name(2);
      break;
    case RrType::kSoa:
      at = append_name(append_name(0));
      break;
    default:
      break;
  }
  append(out, rdata.subspan(at));
}

}  // namespace tandem
