// Who may have whole zones (AXFR, RFC 5936), and how many of them at once. One thread's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "common/net/address_prefix.h"

namespace tandem {

struct TransferRules {
  std::vector<AddressPrefix> allow;  // nobody else
  std::size_t at_once = 10;          // more are answered REFUSED, and come back
};

class TransferGate {
 public:
  explicit TransferGate(TransferRules rules) : rules_(std::move(rules)) {}

  [[nodiscard]] bool allows(const sockaddr& peer) const noexcept {
    return std::ranges::any_of(
        rules_.allow, [&peer](const AddressPrefix& prefix) { return prefix.contains(peer); });
  }

  [[nodiscard]] bool is_full() const noexcept { return going_on_ >= rules_.at_once; }

  /// A place among those at once, until it goes. Must not outlive the gate.
  class Slot {
   public:
    Slot() = default;
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    Slot(Slot&& other) noexcept : going_on_(std::exchange(other.going_on_, nullptr)) {}

    Slot& operator=(Slot&& other) noexcept {
      std::swap(going_on_, other.going_on_);
      return *this;
    }

    ~Slot() {
      if (going_on_ != nullptr) {
        --*going_on_;
      }
    }

   private:
    friend class TransferGate;

    explicit Slot(std::size_t& going_on) : going_on_(&going_on) { ++going_on; }

    std::size_t* going_on_ = nullptr;
  };

  [[nodiscard]] Slot enter() noexcept { return Slot(going_on_); }

 private:
  TransferRules rules_;
  std::size_t going_on_ = 0;
};

}  // namespace tandem
