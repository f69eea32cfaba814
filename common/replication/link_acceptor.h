// Our own accept loop in front of gRPC's TLS: gRPC 1.51 takes every connection there is
// (CVE-2023-4785), this one takes a bounded number.
//
// A connection counts from accept(2) until it is closed, and as "in handshake" until has_stream()
// names its peer. Once delivered the socket belongs to the receiver, who closes it when it likes:
// an entry is found gone by asking our own epoll set, which holds no reference to the socket and
// forgets it when it is closed.
//
// Threads: one of its own for accepting; everything public may be called from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/guarded.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace tandem {

class LinkAcceptor {
 public:
  using Deliver = std::function<void(UniqueFd)>;

  static constexpr std::size_t kMaxHandshakes = 8;
  /// Of one address, so that idle connections of one host do not keep others out.
  static constexpr std::size_t kMaxHandshakesOfOne = 2;

  /// Binds and listens; nothing is accepted before start(). Fails: kInvalid for what is no
  /// ADDR:PORT, kIo when the system refuses it.
  static Result<std::unique_ptr<LinkAcceptor>> listen(const std::vector<std::string>& addresses,
                                                      std::size_t max_connections);

  LinkAcceptor(const LinkAcceptor&) = delete;
  LinkAcceptor& operator=(const LinkAcceptor&) = delete;
  ~LinkAcceptor();

  /// Hands each connection taken to `deliver`, on the accepting thread.
  void start(Deliver deliver);
  /// Stops listening; returns after the last call of `deliver`.
  void stop();

  /// The connection from `peer` (ADDR:PORT) has finished its handshake.
  void has_stream(std::string_view peer);

  /// The addresses listened on, with the real ports.
  [[nodiscard]] const std::vector<std::string>& addresses() const noexcept { return addresses_; }

  /// Connections closed at once because there were too many.
  [[nodiscard]] std::uint64_t refused_count() const noexcept;

 private:
  struct Connection {
    std::string peer;  // ADDR:PORT
    bool in_handshake = true;
  };

  using Connections = std::map<int, Connection>;  // by file descriptor

  explicit LinkAcceptor(std::size_t max_connections);
  Status open();
  Status add_listener(const std::string& text);
  void run();
  void wait_for_descriptors() const;
  void accept_from(int listener);
  bool admit(int fd, std::string peer);
  void forget_closed(Connections& connections) const;

  std::size_t max_connections_;
  std::vector<UniqueFd> listeners_;
  std::vector<std::string> addresses_;
  UniqueFd stop_;   // eventfd
  UniqueFd alive_;  // epoll: which of the connections are still open
  Deliver deliver_;
  Guarded<Connections> connections_;
  std::atomic<std::uint64_t> refused_{0};
  std::thread thread_;
};

}  // namespace tandem
