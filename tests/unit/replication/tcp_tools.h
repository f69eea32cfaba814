// Plain TCP against the link: strangers that connect, and a relay that can stop.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/unique_fd.h"

namespace tandem::testing {

/// A connection to ADDR:PORT, from the address `source` if one is given; invalid when it is
/// refused.
[[nodiscard]] UniqueFd connect_to(const std::string& address, const std::string& source = "");

/// How long the other side took to close; nothing when it did not within `patience`. What it sends
/// is dropped.
[[nodiscard]] std::optional<std::chrono::milliseconds> time_to_close(
    const UniqueFd& fd, std::chrono::milliseconds patience);

/// Passes octets on between those who connect to it and `target`, until freeze(): then it keeps the
/// connections and passes nothing on, as a machine does that lost its power or its network.
class TcpRelay {
 public:
  explicit TcpRelay(std::string target);
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;
  ~TcpRelay();

  [[nodiscard]] const std::string& address() const noexcept { return address_; }

  void freeze();

 private:
  struct Pipe {
    UniqueFd from;
    UniqueFd to;
  };

  void run();
  void accept_one();
  [[nodiscard]] bool pass_on(const UniqueFd& from, const UniqueFd& to) const;

  std::string target_;
  std::string address_;
  UniqueFd listener_;
  UniqueFd wake_;            // eventfd
  std::vector<Pipe> pipes_;  // the thread's
  std::atomic<bool> is_frozen_{false};
  std::atomic<bool> is_stopping_{false};
  std::thread thread_;
};

}  // namespace tandem::testing
