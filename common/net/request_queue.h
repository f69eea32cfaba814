// Messages that no worker answers itself (QueryEngine::Exchange::is_handed_over): their way to the
// one thread that does, and the answers' way back.
//
// Thread rule: add_ring(), start() and stop(): one thread, the owner's; a ring's push() and wake():
// the worker's that it was made for; give() and the answers: any.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include "common/base/unique_fd.h"
#include "common/crypto/node_key.h"
#include "common/dns/edns.h"
#include "common/net/address.h"
#include "common/net/packet_info.h"
#include "common/query/engine.h"

namespace tandem {

/// An answer of several messages, made one by one as they are sent. One thread at a time; may be
/// destroyed at any point, which ends it.
class AnswerStream {
 public:
  AnswerStream() = default;
  AnswerStream(const AnswerStream&) = delete;
  AnswerStream& operator=(const AnswerStream&) = delete;
  virtual ~AnswerStream() = default;

  /// Writes the next message into `room` and returns its octets; 0 after the last one.
  /// Requires: room.size() >= kMaxMessageOctets.
  [[nodiscard]] virtual std::size_t next(std::span<std::uint8_t> room) = 0;

  /// To be called once everything went out. False: it is not whole, and who asked has to see that
  /// the connection ends.
  [[nodiscard]] virtual bool on_sent() = 0;
};

/// What becomes of a message that was handed over: one message, several (TCP alone), or nothing at
/// all.
struct RequestAnswer {
  Octets message;
  std::unique_ptr<AnswerStream> stream = nullptr;
};

/// A message with everything that is known of who sent it.
struct ReceivedRequest {
  Octets message;
  SocketAddress from;
  Transport transport = Transport::kUdp;
  bool is_forwarded = false;                        // by a follower, which says who sent it
  bool is_tls = false;                              // came over DNS over TLS (RFC 7858)
  std::optional<KeyPin> client_pin = std::nullopt;  // of the certificate that the client showed
  /// To be called once; from any thread.
  std::move_only_function<void(RequestAnswer)> answer;
};

/// What answers a message that came to that address leave by.
struct BoundSocket {
  SocketAddress address;
  int socket = -1;
};

/// A datagram on its way, with what its answer is to be sent by. Nothing is set before it is
/// pushed: a ring's places cost no memory until they are used.
struct RequestDatagram {  // NOLINT(cppcoreguidelines-pro-type-member-init)
  int socket;
  socklen_t from_octets;
  sockaddr_storage from;
  std::size_t octets;
  std::size_t control_octets;  // 0: the socket knows the address that was asked
  alignas(cmsghdr) std::array<std::uint8_t, kPacketInfoOctets> control;
  std::array<std::uint8_t, kMaxUdpPayload> message;
};

/// From one worker to the thread: bounded, without locks, all room taken beforehand. One pushes,
/// one pops.
class RequestRing {
 public:
  explicit RequestRing(int wake_fd);

  /// Room for one more; null: full, and the message is to be dropped.
  [[nodiscard]] RequestDatagram* begin_push() noexcept;
  void end_push() noexcept;
  /// After a batch, once for all that was pushed.
  void wake() noexcept;

  /// The oldest; null: there is none. end_pop() gives its place back.
  [[nodiscard]] RequestDatagram* begin_pop() noexcept;
  void end_pop() noexcept;

 private:
  static constexpr std::size_t kPlaces = 256;

  int wake_fd_;
  bool has_pushed_ = false;
  std::unique_ptr<RequestDatagram[]> places_;  // NOLINT(modernize-avoid-c-arrays): not initialised
  alignas(64) std::atomic<std::size_t> pushed_{0};
  alignas(64) std::atomic<std::size_t> popped_{0};
};

class RequestQueue {
 public:
  using Handler = std::move_only_function<void(ReceivedRequest)>;

  RequestQueue();
  RequestQueue(const RequestQueue&) = delete;
  RequestQueue& operator=(const RequestQueue&) = delete;
  /// Stops.
  ~RequestQueue();

  /// For one worker. Before start(); lives as long as this.
  RequestRing& add_ring();

  /// Calls `handler` with one message after the other, on a thread of its own.
  void start(Handler handler);
  /// Ends after the message at hand; what waits is not answered. Idempotent. Answers that are given
  /// later must not outlive the sockets.
  void stop();

  /// The way of those that wait for their answer (TCP), which bounds how many there are.
  void give(ReceivedRequest message);

 private:
  void run();
  bool serve_rings();
  bool serve_given();

  UniqueFd wake_;
  std::vector<std::unique_ptr<RequestRing>> rings_;
  Handler handler_;
  std::mutex mutex_;
  std::vector<ReceivedRequest> given_;  // guarded by mutex_
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tandem
