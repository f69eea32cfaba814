// Who may have whole zones (AXFR, RFC 5936), and how many of them at once. One thread's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "common/dns/name.h"
#include "common/net/address_prefix.h"

namespace tandem {

/// Whoever comes from one of the addresses or signs with one of the keys, and nobody else.
struct TransferRules {
  std::vector<AddressPrefix> allow;
  std::vector<Name> keys;
  std::size_t at_once = 10;  // more are answered REFUSED, and come back

  [[nodiscard]] bool allows(const sockaddr& peer) const noexcept {
    return std::ranges::any_of(
        allow, [&peer](const AddressPrefix& prefix) { return prefix.contains(peer); });
  }

  [[nodiscard]] bool allows(const Name& key) const noexcept {
    return std::ranges::find(keys, key) != keys.end();
  }
};

class TransferGate {
 public:
  explicit TransferGate(TransferRules rules) : rules_(std::move(rules)) {}

  [[nodiscard]] bool allows(const sockaddr& peer) const noexcept { return rules_.allows(peer); }

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
