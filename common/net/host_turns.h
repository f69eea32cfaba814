// What is done next, of things that wait for one of some places, each with another host. A host
// that goes silent keeps what places it has for long: none has all of them, and who has fewest is
// next.
//
// Pure: it knows addresses, and no sockets. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/net/address.h"

namespace tandem {

template <class Item>
class HostTurns {
 public:
  /// `places`: so much at once. `of_one_host`: so much of it with one address.
  HostTurns(std::size_t places, std::size_t of_one_host)
      : places_(places), of_one_host_(of_one_host) {}

  /// Behind all that waits for this host already; its port does not matter.
  void wait(const SocketAddress& host, Item item) {
    hosts_[to_octets(host.octets())].waiting.emplace_back(numbers_++, std::move(item));
  }

  struct Turn {
    Item item;
    Octets host;  // whose place it has
  };

  /// Gives a place to what comes next. Nothing: there is no place for anything that waits.
  [[nodiscard]] std::optional<Turn> next() {
    const auto best = taken_ < places_ ? next_host() : hosts_.end();
    if (best == hosts_.end()) {
      return std::nullopt;
    }
    Host& host = best->second;
    Turn turn{std::move(host.waiting.front().second), best->first};
    host.waiting.pop_front();
    ++host.taken;
    ++taken_;
    return turn;
  }

  /// The place is free again.
  void release(const Octets& host) {
    const auto found = hosts_.find(host);
    --found->second.taken;
    --taken_;
    if (found->second.taken == 0 && found->second.waiting.empty()) {
      hosts_.erase(found);
    }
  }

  /// All that waits, which then does not any more.
  [[nodiscard]] std::vector<Item> take_waiting() {
    std::vector<Item> out;
    for (auto& [address, host] : hosts_) {
      for (auto& [number, item] : std::exchange(host.waiting, {})) {
        out.push_back(std::move(item));
      }
    }
    std::erase_if(hosts_, [](const auto& host) { return host.second.taken == 0; });
    return out;
  }

 private:
  struct Host {
    std::deque<std::pair<std::uint64_t, Item>> waiting;  // with their numbers
    std::size_t taken = 0;
  };

  using Hosts = std::map<Octets, Host>;  // those that have something

  [[nodiscard]] typename Hosts::iterator next_host() {
    auto best = hosts_.end();
    const auto rank = [](const Host& host) {
      return std::tuple(host.taken, host.waiting.front().first);
    };
    for (auto at = hosts_.begin(); at != hosts_.end(); ++at) {
      const Host& host = at->second;
      if (!host.waiting.empty() && host.taken < of_one_host_ &&
          (best == hosts_.end() || rank(host) < rank(best->second))) {
        best = at;
      }
    }
    return best;
  }

  std::size_t places_;
  std::size_t of_one_host_;
  std::size_t taken_ = 0;
  std::uint64_t numbers_ = 0;  // of all that ever waited
  Hosts hosts_;
};

}  // namespace tandem
