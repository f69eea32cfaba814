#include "common/net/dns_stream.h"

#include <algorithm>
#include <cstring>

namespace tandem {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kLengthOctets = 2;  // RFC 1035 s4.2.2

}  // namespace

DnsStream::DnsStream(TimedSockets& sockets, const TlsClient& tls, const DnsPeer& peer,
                     std::size_t block)
    : block_(block), stream_(sockets, tls, {peer.address, peer.from, peer.tls}) {}

asio::awaitable<Status> DnsStream::send(OctetSpan message, Deadline until) {
  Octets framed;
  append_be(framed, static_cast<std::uint16_t>(message.size()));
  append(framed, message);
  co_return co_await stream_.send(framed, until);
}

/// The whole message in front of what was read; nothing when there is none. Makes room for all of
/// it then.
std::optional<std::span<std::uint8_t>> DnsStream::take_message() {
  std::size_t needed = kLengthOctets;
  if (have_ - at_ >= kLengthOctets) {
    const std::size_t length = load_be16(in_.data() + at_);
    needed += length;
    if (have_ - at_ >= needed) {
      const auto message = std::span(in_).subspan(at_ + kLengthOctets, length);
      at_ += needed;
      return message;
    }
  }
  if (have_ > at_) {
    std::memmove(in_.data(), in_.data() + at_, have_ - at_);
  }
  have_ -= at_;
  at_ = 0;
  in_.resize(std::max({in_.size(), block_, needed}));
  return std::nullopt;
}

asio::awaitable<Result<std::span<std::uint8_t>>> DnsStream::receive(Deadline until) {
  for (;;) {
    if (const auto message = take_message()) {
      co_return *message;
    }
    const Result<std::size_t> octets =
        co_await stream_.receive(std::span(in_).subspan(have_), until);
    if (!octets) {
      co_return std::unexpected(octets.error());
    }
    if (*octets == 0) {
      co_return stream_.failed(
          "cannot read from",
          {Errc::kIo, "the server closed the connection before the answer's end"});
    }
    have_ += *octets;
  }
}

}  // namespace tandem
