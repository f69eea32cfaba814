// What is the same for every stream over a network: the bounded queue, one write at a time, the
// codec, and how a stream ends. The network below it is a LinkWire.
//
// Invariants: at most one write is outstanding; the handler hears nothing before on_open and
// nothing after on_close; after detach() the wire is not touched any more, so the stream may
// outlive it in somebody's hands. Threads: LinkPeer's functions from any; those for the wire from
// the one thread that the wire delivers on.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/guarded.h"
#include "common/replication/link.h"

namespace tandem {

/// A stream that has more than this waiting is ended: senders look at queued_octets() long before.
constexpr std::size_t kMaxQueuedOctets = std::size_t{64} << 20U;

class LinkWire {
 public:
  LinkWire() = default;
  LinkWire(const LinkWire&) = delete;
  LinkWire& operator=(const LinkWire&) = delete;
  virtual ~LinkWire() = default;

  /// Sends one frame; LinkStream::written follows on the wire's thread. Never two at once. Any
  /// thread.
  virtual void write(Octets frame) = 0;
  /// LinkStream::wish has changed: the wire's thread is to look at it. Must not call the stream
  /// itself. Any thread.
  virtual void wake() = 0;
};

enum class StreamWish : std::uint8_t {
  kStay,
  kClose,  // once everything queued is out
  kAbort,  // now
};

/// What a stream's wire knows of the other side.
struct StreamPeer {
  KeyPin pin;
  std::string address;
  bool is_dialled = false;
};

class LinkStream final : public LinkPeer, public std::enable_shared_from_this<LinkStream> {
 public:
  /// `wire` must live until detach(), `handler` until end().
  LinkStream(LinkWire& wire, LinkHandler& handler, StreamPeer peer);

  void send(const Frame& frame) override;
  [[nodiscard]] std::size_t queued_octets() const override;
  void close(std::string_view reason) override;

  [[nodiscard]] const KeyPin& pin() const override { return peer_.pin; }

  [[nodiscard]] const std::string& address() const override { return peer_.address; }

  [[nodiscard]] bool is_dialled() const override { return peer_.is_dialled; }

  // For the wire.
  void open();
  void receive(OctetSpan frame);
  void written();
  [[nodiscard]] StreamWish wish() const;
  /// Nothing is queued or being written.
  [[nodiscard]] bool is_drained() const;
  /// Starts no more writes. True when none is outstanding: the wire may go.
  bool detach();
  /// `reason` is what the wire knows; our own reason to end, if there was one, comes first.
  void end(std::string_view reason);
  [[nodiscard]] std::string own_reason() const;

 private:
  struct State {
    std::deque<Octets> queue;
    std::size_t queued_octets = 0;  // with the one being written
    std::size_t writing_octets = 0;
    bool is_writing = false;
    bool is_detached = false;
    StreamWish wish = StreamWish::kStay;
    std::string reason;
  };

  void wish_for(State& state, StreamWish wish, std::string_view reason);

  LinkWire& wire_;
  LinkHandler& handler_;
  const StreamPeer peer_;
  mutable Guarded<State> state_;
};

}  // namespace tandem
