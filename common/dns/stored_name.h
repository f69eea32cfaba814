// A name that is kept for long among a hundred thousand others.
#pragma once

#include <algorithm>
#include <memory>

#include "common/dns/name.h"

namespace tandem {

/// An owning name in one block on the heap of just its size, where Name has room for the longest.
/// A value; moved from, it is the root again.
class StoredName {
 public:
  /// The root.
  StoredName() noexcept = default;

  // The same thing, owned; of an array whose size is known at run time.
  // NOLINTBEGIN(google-explicit-constructor,modernize-avoid-c-arrays)
  StoredName(NameView name)
      : octets_(std::make_unique_for_overwrite<std::uint8_t[]>(1 + name.size())) {
    octets_[0] = static_cast<std::uint8_t>(name.size());
    std::ranges::copy(name.wire(), octets_.get() + 1);
  }

  StoredName(const Name& name) : StoredName(name.view()) {}

  // NOLINTEND(google-explicit-constructor,modernize-avoid-c-arrays)

  StoredName(const StoredName& other) : StoredName(other.view()) {}

  StoredName(StoredName&& other) noexcept = default;

  StoredName& operator=(const StoredName& other) { return *this = StoredName(other); }

  StoredName& operator=(StoredName&& other) noexcept = default;

  ~StoredName() = default;

  [[nodiscard]] NameView view() const noexcept {
    return octets_ == nullptr ? NameView() : NameView::unchecked({octets_.get() + 1, octets_[0]});
  }

  operator NameView() const noexcept { return view(); }  // NOLINT(google-explicit-constructor)

  [[nodiscard]] std::string to_text() const { return view().to_text(); }

  friend bool operator==(const StoredName& a, const StoredName& b) noexcept {
    return a.view() == b.view();
  }

  friend std::weak_ordering operator<=>(const StoredName& a, const StoredName& b) noexcept {
    return a.view() <=> b.view();
  }

 private:
  std::unique_ptr<std::uint8_t[]> octets_;  // NOLINT(modernize-avoid-c-arrays): size:u8 wire
};

}  // namespace tandem
