// Reference-counted pages of the persistent structures (hash index, order index, arena table).
// Versions of a zone share the pages they have in common; the counts are touched by the control
// plane alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace tandem {

/// Base of every shared page. The last Ref frees it.
class RefCounted {
 public:
  RefCounted() = default;

  RefCounted(const RefCounted& /*other*/) noexcept {}  // a copied page starts a life of its own

  RefCounted& operator=(const RefCounted&) = delete;
  ~RefCounted() = default;

 private:
  template <class T>
  friend class Ref;
  mutable std::atomic<std::uint32_t> references_{0};
};

template <class T>
class Ref {  // NOLINT(cppcoreguidelines-special-member-functions): one assignment takes both kinds
 public:
  Ref() = default;

  explicit Ref(T* page) noexcept : page_(page) { acquire(); }

  Ref(const Ref& other) noexcept : page_(other.page_) { acquire(); }

  Ref(Ref&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}

  Ref& operator=(Ref other) noexcept {
    std::swap(page_, other.page_);
    return *this;
  }

  ~Ref() { release(); }

  template <class... Args>
  static Ref make(Args&&... args) {
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): Ref owns
    return Ref(new T(std::forward<Args>(args)...));
  }

  [[nodiscard]] T* get() const noexcept { return page_; }

  T* operator->() const noexcept { return page_; }

  T& operator*() const noexcept { return *page_; }

  explicit operator bool() const noexcept { return page_ != nullptr; }

  /// How many Refs there are.
  [[nodiscard]] std::uint32_t references() const noexcept {
    return page_->references_.load(std::memory_order_acquire);
  }

  /// True when nobody else can see the page, so that it may be changed in place.
  [[nodiscard]] bool unique() const noexcept { return references() == 1; }

 private:
  void acquire() noexcept {
    if (page_ != nullptr) {
      page_->references_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  void release() noexcept {
    // acq_rel: the thread that frees sees all that others did with the page before they let go.
    if (page_ != nullptr && page_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete page_;  // NOLINT(cppcoreguidelines-owning-memory): Ref owns
    }
  }

  T* page_ = nullptr;
};

}  // namespace tandem
