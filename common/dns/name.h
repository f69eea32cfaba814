// Domain names in uncompressed wire form (RFC 1035 s3.1): valid by construction, 8-bit clean, case
// kept, compared without case (RFC 4343). Text appears only where people read or write it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace tandem {

constexpr std::size_t kMaxNameOctets = 255;  // RFC 1035 s2.3.4, the root's octet included
constexpr std::size_t kMaxLabelOctets = 63;
constexpr std::size_t kMaxLabels = 127;  // without the root

/// A borrowed valid name. Valid as long as the octets it points to; never stored beyond a call
/// except in types named *View.
class NameView {
 public:
  /// The root.
  constexpr NameView() noexcept : wire_(kRootOctets) {}

  /// Requires: `wire` is exactly one valid uncompressed name.
  static constexpr NameView unchecked(OctetSpan wire) noexcept { return NameView(wire); }

  [[nodiscard]] constexpr OctetSpan wire() const noexcept { return wire_; }

  [[nodiscard]] constexpr std::size_t size() const noexcept { return wire_.size(); }

  [[nodiscard]] constexpr bool is_root() const noexcept { return wire_.size() == 1; }

  /// Number of labels without the root (RFC 4034 s3.1.3 counts the same way, the `*` apart).
  [[nodiscard]] std::size_t label_count() const noexcept;

  /// The leftmost label's octets without its length. Requires: not the root.
  [[nodiscard]] constexpr OctetSpan first_label() const noexcept {
    return wire_.subspan(1, wire_[0]);
  }

  /// The name without its leftmost label. Requires: not the root.
  [[nodiscard]] constexpr NameView parent() const noexcept {
    return NameView(wire_.subspan(1U + wire_[0]));
  }

  [[nodiscard]] bool is_wildcard() const noexcept {
    return wire_.size() > 2 && wire_[0] == 1 && wire_[1] == '*';
  }

  /// True also for the name itself (RFC 8499: "subdomain").
  [[nodiscard]] bool is_subdomain_of(NameView ancestor) const noexcept;

  friend bool operator==(NameView a, NameView b) noexcept;
  /// Canonical order of RFC 4034 s6.1.
  friend std::weak_ordering operator<=>(NameView a, NameView b) noexcept;

  /// Presentation form with the final dot; what is not plain becomes \. or \DDD (RFC 1035 s5.1).
  [[nodiscard]] std::string to_text() const;

 private:
  static constexpr std::array<std::uint8_t, 1> kRootOctets{0};

  explicit constexpr NameView(OctetSpan wire) noexcept : wire_(wire) {}

  OctetSpan wire_;
};

/// An owning name without heap. A value; copies only the octets in use.
class Name {
 public:
  Name() noexcept { wire_[0] = 0; }

  Name(NameView view) noexcept {  // NOLINT(google-explicit-constructor): the same thing, owned
    assign(view.wire());
  }

  Name(const Name& other) noexcept { assign(other.wire()); }

  Name& operator=(const Name& other) noexcept {
    if (this != &other) {
      assign(other.wire());
    }
    return *this;
  }

  ~Name() = default;

  /// One whole uncompressed name. Fails: kInvalid for anything else, octets left over included.
  static Result<Name> from_wire(OctetSpan wire);
  /// Presentation form; without a final dot it is completed with `origin`. Fails: kInvalid.
  static Result<Name> from_text(std::string_view text, NameView origin = {});

  [[nodiscard]] OctetSpan wire() const noexcept { return {wire_.data(), size_}; }

  [[nodiscard]] NameView view() const noexcept { return NameView::unchecked(wire()); }

  operator NameView() const noexcept { return view(); }  // NOLINT(google-explicit-constructor)

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] bool is_root() const noexcept { return size_ == 1; }

  [[nodiscard]] std::size_t label_count() const noexcept { return view().label_count(); }

  [[nodiscard]] bool is_subdomain_of(NameView ancestor) const noexcept {
    return view().is_subdomain_of(ancestor);
  }

  [[nodiscard]] NameView parent() const noexcept { return view().parent(); }

  [[nodiscard]] std::string to_text() const { return view().to_text(); }

  /// A-Z folded to a-z.
  [[nodiscard]] Name lower() const noexcept;

  friend bool operator==(const Name& a, const Name& b) noexcept { return a.view() == b.view(); }

  friend std::weak_ordering operator<=>(const Name& a, const Name& b) noexcept {
    return a.view() <=> b.view();
  }

 private:
  friend class NameBuilder;

  void assign(OctetSpan wire) noexcept {
    size_ = static_cast<std::uint8_t>(wire.size());
    std::memcpy(wire_.data(), wire.data(), wire.size());
  }

  std::uint8_t size_ = 1;
  std::array<std::uint8_t, kMaxNameOctets> wire_;
};

/// Puts a name together label by label; refuses what would not be a name.
class NameBuilder {
 public:
  /// False when the label is empty, longer than 63 octets, or the name would get longer than 255.
  [[nodiscard]] bool append_label(OctetSpan label) noexcept;
  /// Appends all of `rest` and so ends the name. False when it would get too long.
  [[nodiscard]] bool finish(NameView rest, Name& out) noexcept;

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

 private:
  std::array<std::uint8_t, kMaxNameOctets> wire_;
  std::size_t size_ = 0;
};

/// Octets of the uncompressed name at the start of `wire`; 0 when there is none (compression
/// included).
[[nodiscard]] std::size_t wire_name_octets(OctetSpan wire) noexcept;

/// Writes `from` folded to lower case. Requires: to.size() >= from.size().
void fold_case(OctetSpan from, std::span<std::uint8_t> to) noexcept;

/// Equality of octets without case. Label length octets are below 'A', so whole wire names compare
/// too.
[[nodiscard]] bool equal_fold(OctetSpan a, OctetSpan b) noexcept;

/// Hash and equality for unordered containers keyed by Name, without case.
struct NameHash {
  using is_transparent = void;
  [[nodiscard]] std::size_t operator()(NameView name) const noexcept;
};

struct NameEqual {
  using is_transparent = void;

  [[nodiscard]] bool operator()(NameView a, NameView b) const noexcept { return a == b; }
};

}  // namespace tandem
