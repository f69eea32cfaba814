#include "common/dns/name.h"

#include <algorithm>
#include <charconv>

#include "common/dns/shown_text.h"

namespace tandem {
namespace {

/// Where each label starts, leftmost first, the root excluded.
struct LabelOffsets {
  explicit LabelOffsets(NameView name) noexcept {
    std::size_t at = 0;
    while (name.wire()[at] != 0) {
      offset[count++] = static_cast<std::uint8_t>(at);
      at += 1U + name.wire()[at];
    }
  }

  std::array<std::uint8_t, kMaxLabels> offset;
  std::size_t count = 0;
};

/// to_lower() for eight octets at once: 0x20 is set in those that are A-Z. No octet's sum reaches
/// the next one, because the eighth bits are left out of it.
[[nodiscard]] constexpr std::uint64_t to_lower_8(std::uint64_t octets) noexcept {
  constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101U;
  const std::uint64_t low = octets & (kOnes * 0x7fU);
  const std::uint64_t from_a = low + kOnes * (0x80U - 'A');   // eighth bit: at least 'A'
  const std::uint64_t above_z = low + kOnes * (0x7fU - 'Z');  // eighth bit: more than 'Z'
  const std::uint64_t upper = (from_a ^ above_z) & ~octets & (kOnes * 0x80U);
  return octets | (upper >> 2U);
}

std::weak_ordering compare_labels(OctetSpan a, OctetSpan b) noexcept {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (const auto order = to_lower(a[i]) <=> to_lower(b[i]); order != 0) {
      return order;
    }
  }
  return a.size() <=> b.size();
}

/// More than RFC 1035 s5.1 asks for: other servers' parsers take few octets bare.
bool needs_escape(std::uint8_t c) noexcept {
  constexpr std::string_view kBare = "-_*/";
  const std::uint8_t lower = to_lower(c);
  const bool is_word = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
  return !is_word && kBare.find(static_cast<char>(c)) == std::string_view::npos;
}

/// One octet of a label in presentation form at `text[at]`; moves `at` past it.
Result<std::uint8_t> unescape(std::string_view text, std::size_t& at) {
  if (text[at] != '\\') {
    return static_cast<std::uint8_t>(text[at++]);
  }
  ++at;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (at < text.size() && !is_digit(text[at])) {
    return static_cast<std::uint8_t>(text[at++]);
  }
  unsigned value = 256;
  if (at + 3 <= text.size() && std::ranges::all_of(text.substr(at, 3), is_digit)) {
    static_cast<void>(std::from_chars(text.data() + at, text.data() + at + 3, value));
    at += 3;
  }
  if (value > 255) {
    return fail(Errc::kInvalid,
                "a backslash needs one character or three digits up to 255 after it");
  }
  return static_cast<std::uint8_t>(value);
}

}  // namespace

std::size_t wire_name_octets(OctetSpan wire) noexcept {
  std::size_t at = 0;
  while (at < wire.size() && at < kMaxNameOctets) {
    if (wire[at] == 0) {
      return at + 1;
    }
    if (wire[at] > kMaxLabelOctets) {
      return 0;
    }
    at += 1U + wire[at];
  }
  return 0;
}

void fold_case(OctetSpan from, std::span<std::uint8_t> to) noexcept {
  constexpr std::size_t kStep = sizeof(std::uint64_t);
  const auto fold_at = [&](std::size_t at) {
    store_native(to.data() + at, to_lower_8(load_native<std::uint64_t>(from.data() + at)));
  };
  std::size_t at = 0;
  for (; from.size() - at >= kStep; at += kStep) {
    fold_at(at);
  }
  if (at == from.size()) {
    return;
  }
  if (from.size() >= kStep) {
    fold_at(from.size() - kStep);  // some octets once more: folding twice changes nothing
  } else {
    std::ranges::transform(from.subspan(at), to.begin(), to_lower);
  }
}

bool equal_fold(OctetSpan a, OctetSpan b) noexcept {
  const auto same = [](std::uint8_t x, std::uint8_t y) { return to_lower(x) == to_lower(y); };
  // Most are equal in their case too, and that shows many octets at a time.
  return equal(a, b) || std::ranges::equal(a, b, same);
}

std::size_t NameView::label_count() const noexcept {
  std::size_t count = 0;
  for (std::size_t at = 0; wire_[at] != 0; at += 1U + wire_[at]) {
    ++count;
  }
  return count;
}

bool NameView::is_subdomain_of(NameView ancestor) const noexcept {
  if (wire_.size() < ancestor.size()) {
    return false;
  }
  const std::size_t start = wire_.size() - ancestor.size();
  std::size_t at = 0;
  while (at < start) {
    at += 1U + wire_[at];
  }
  return at == start && equal_fold(wire_.subspan(start), ancestor.wire());
}

bool operator==(NameView a, NameView b) noexcept {
  return equal_fold(a.wire(), b.wire());
}

std::weak_ordering operator<=>(NameView a, NameView b) noexcept {
  const LabelOffsets in_a(a);
  const LabelOffsets in_b(b);
  std::size_t i = in_a.count;
  std::size_t j = in_b.count;
  while (i > 0 && j > 0) {
    const std::size_t at_a = in_a.offset[--i];
    const std::size_t at_b = in_b.offset[--j];
    const auto order = compare_labels(a.wire().subspan(at_a + 1, a.wire()[at_a]),
                                      b.wire().subspan(at_b + 1, b.wire()[at_b]));
    if (order != 0) {
      return order;
    }
  }
  return i <=> j;
}

std::string NameView::to_text() const {
  if (is_root()) {
    return ".";
  }
  std::string text;
  text.reserve(size() + 8);
  for (NameView rest = *this; !rest.is_root(); rest = rest.parent()) {
    for (const std::uint8_t c : rest.first_label()) {
      if (!needs_escape(c)) {
        text += static_cast<char>(c);
      } else if (c > ' ' && c <= '~') {
        text += '\\';
        text += static_cast<char>(c);
      } else {
        text += fmt::format("\\{:03}", c);
      }
    }
    text += '.';
  }
  return text;
}

Result<Name> Name::from_wire(OctetSpan wire) {
  if (wire.empty() || wire_name_octets(wire) != wire.size()) {
    return fail(Errc::kInvalid, "not one uncompressed domain name of at most 255 octets");
  }
  return Name(NameView::unchecked(wire));
}

Result<Name> Name::from_text(std::string_view text, NameView origin) {
  if (text.empty()) {
    return fail(Errc::kInvalid, "expected a domain name, got nothing");
  }
  if (text == "@") {
    return Name(origin);
  }
  Name name;
  if (text == ".") {
    return name;
  }
  NameBuilder builder;
  std::array<std::uint8_t, kMaxLabelOctets> label;
  std::size_t label_size = 0;
  bool ends_with_dot = false;
  for (std::size_t at = 0; at < text.size();) {
    ends_with_dot = text[at] == '.';
    if (ends_with_dot) {
      if (!builder.append_label({label.data(), label_size})) {
        return fail(Errc::kInvalid, "{} has {}", shown_text(text),
                    label_size == 0 ? "an empty label" : "more than 255 octets");
      }
      label_size = 0;
      ++at;
      continue;
    }
    const std::uint8_t octet = TRY(unescape(text, at));
    if (label_size == kMaxLabelOctets) {
      return fail(Errc::kInvalid, "{} has a label of more than 63 octets", shown_text(text));
    }
    label[label_size++] = octet;
  }
  const bool whole = (ends_with_dot || builder.append_label({label.data(), label_size})) &&
                     builder.finish(ends_with_dot ? NameView() : origin, name);
  if (!whole) {
    return fail(Errc::kInvalid, "{} has more than 255 octets with its origin", shown_text(text));
  }
  return name;
}

Name Name::lower() const noexcept {
  Name out;
  out.size_ = size_;
  fold_case(wire(), out.wire_);
  return out;
}

bool NameBuilder::append_label(OctetSpan label) noexcept {
  if (label.empty() || label.size() > kMaxLabelOctets ||
      size_ + 1 + label.size() >= kMaxNameOctets) {
    return false;
  }
  wire_[size_] = static_cast<std::uint8_t>(label.size());
  std::ranges::copy(label, wire_.begin() + static_cast<std::ptrdiff_t>(size_) + 1);
  size_ += 1 + label.size();
  return true;
}

bool NameBuilder::finish(NameView rest, Name& out) noexcept {
  if (size_ + rest.size() > kMaxNameOctets) {
    return false;
  }
  std::ranges::copy(rest.wire(), wire_.begin() + static_cast<std::ptrdiff_t>(size_));
  out.assign({wire_.data(), size_ + rest.size()});
  return true;
}

std::size_t NameHash::operator()(NameView name) const noexcept {
  std::array<char, kMaxNameOctets> folded;
  std::ranges::transform(name.wire(), folded.begin(),
                         [](std::uint8_t c) { return static_cast<char>(to_lower(c)); });
  return std::hash<std::string_view>()({folded.data(), name.size()});
}

}  // namespace tandem
