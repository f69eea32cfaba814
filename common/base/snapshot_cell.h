// The bridge between the two worlds: the control plane publishes immutable snapshots, the data
// plane pins the newest one for the length of a batch.
//
// A reader owns one hazard slot on a cache line of its own. Pinning stores the snapshot's address
// there and nothing else: no lock, no reference count, no line that two cores write. A replaced
// snapshot is kept in the publisher's list until no slot names it, so that its destructor never
// runs on a data plane thread.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tandem {

template <class T>
class SnapshotCell {
  static constexpr std::size_t kCacheLine = 64;

  struct alignas(kCacheLine) Slot {
    std::atomic<const T*> pinned{nullptr};
    bool taken = true;  // guarded by mutex_
  };

 public:
  /// One thread's way to the current snapshot. Must not outlive the cell.
  class Reader {
   public:
    Reader(Reader&& other) noexcept
        : cell_(std::exchange(other.cell_, nullptr)), slot_(other.slot_) {}

    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    Reader& operator=(Reader&&) = delete;

    ~Reader() {
      if (cell_ != nullptr) {
        cell_->release(*slot_);
      }
    }

    /// The newest snapshot, valid until unpin() or the next pin(). Data plane: two loads and a
    /// store.
    const T& pin() noexcept {
      while (true) {
        const T* const seen = cell_->current_.load(std::memory_order_acquire);
        // seq_cst on the store and the second load: either the publisher's scan sees the slot, or
        // this load sees the publisher's exchange.
        slot_->pinned.store(seen, std::memory_order_seq_cst);
        if (cell_->current_.load(std::memory_order_seq_cst) == seen) {
          return *seen;
        }
      }
    }

    /// Lets the snapshot go. To be called before blocking: an idle reader must not keep an old
    /// zone.
    void unpin() noexcept { slot_->pinned.store(nullptr, std::memory_order_release); }

   private:
    friend class SnapshotCell;

    Reader(SnapshotCell& cell, Slot& slot) : cell_(&cell), slot_(&slot) {}

    SnapshotCell* cell_;
    Slot* slot_;
  };

  explicit SnapshotCell(std::shared_ptr<const T> first)
      : newest_(std::move(first)), current_(newest_.get()) {}

  SnapshotCell(const SnapshotCell&) = delete;
  SnapshotCell& operator=(const SnapshotCell&) = delete;
  ~SnapshotCell() = default;

  [[nodiscard]] Reader reader() {
    const std::lock_guard lock(mutex_);
    for (Slot& slot : slots_) {
      if (!slot.taken) {
        slot.taken = true;
        return Reader(*this, slot);
      }
    }
    return Reader(*this, slots_.emplace_back());
  }

  /// Makes `next` what every later pin() returns. Control plane, one publisher at a time or
  /// several.
  void publish(std::shared_ptr<const T> next) {
    std::vector<std::shared_ptr<const T>> freed;  // destroyed after the lock
    const std::lock_guard lock(mutex_);
    retired_.push_back(std::exchange(newest_, std::move(next)));
    current_.store(newest_.get(), std::memory_order_seq_cst);
    freed = take_unpinned();
  }

  /// The newest snapshot for the control plane, which may keep it as long as it likes.
  [[nodiscard]] std::shared_ptr<const T> shared() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }

  /// Frees the replaced snapshots that nobody pins any more. Returns how many are left.
  std::size_t collect() {
    std::vector<std::shared_ptr<const T>> freed;
    const std::lock_guard lock(mutex_);
    freed = take_unpinned();
    return retired_.size();
  }

 private:
  std::vector<std::shared_ptr<const T>> take_unpinned() {
    std::vector<std::shared_ptr<const T>> freed;
    std::erase_if(retired_, [&](std::shared_ptr<const T>& snapshot) {
      for (const Slot& slot : slots_) {
        if (slot.pinned.load(std::memory_order_seq_cst) == snapshot.get()) {
          return false;
        }
      }
      freed.push_back(std::move(snapshot));
      return true;
    });
    return freed;
  }

  void release(Slot& slot) {
    const std::lock_guard lock(mutex_);
    slot.pinned.store(nullptr, std::memory_order_release);
    slot.taken = false;
  }

  mutable std::mutex mutex_;
  std::list<Slot> slots_;
  std::vector<std::shared_ptr<const T>> retired_;
  std::shared_ptr<const T> newest_;
  alignas(kCacheLine) std::atomic<const T*> current_;
};

}  // namespace tandem
