// How many transfers go out at once: so many in all, so many to one peer. Guarded by its own lock.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "common/net/address.h"

namespace tandem {

class TransferGate {
  /// An IPv4 address, or the first 64 bits of an IPv6 address: what one subscriber has.
  using Peer = std::array<std::uint8_t, 9>;

 public:
  TransferGate(std::size_t at_once, std::size_t at_once_per_peer)
      : at_once_(at_once), at_once_per_peer_(at_once_per_peer) {}

  /// A place among those at once, until it goes. Any thread; must not outlive the gate.
  class Slot {
   public:
    Slot(Slot&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), peer_(other.peer_) {}

    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    Slot& operator=(Slot&&) = delete;

    ~Slot() {
      if (gate_ != nullptr) {
        gate_->leave(peer_);
      }
    }

   private:
    friend class TransferGate;

    Slot(TransferGate& gate, const Peer& peer) : gate_(&gate), peer_(peer) {}

    TransferGate* gate_;
    Peer peer_;
  };

  /// Nothing: there are as many as there may be.
  [[nodiscard]] std::optional<Slot> enter(const SocketAddress& from);

 private:
  static Peer peer_of(const SocketAddress& from) noexcept;
  void leave(const Peer& peer);

  const std::size_t at_once_;
  const std::size_t at_once_per_peer_;
  std::mutex mutex_;
  std::size_t going_on_ = 0;             // guarded by mutex_
  std::map<Peer, std::size_t> of_peer_;  // guarded by mutex_
};

}  // namespace tandem
