// An HTTP client for tests that sends exactly the octets it is told, good or bad, and never waits
// longer than a test may take.
#pragma once

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>

#include <gtest/gtest.h>

#include "common/base/unique_fd.h"
#include "common/net/address.h"

namespace tandem {

struct RawResponse {
  unsigned status = 0;
  std::string head;  // status line and fields
  std::string body;
};

class RawClient {
 public:
  static RawClient to_tcp(const std::string& address) {
    const auto parsed = SocketAddress::from_text(address);
    EXPECT_TRUE(parsed.has_value()) << address;
    RawClient client(UniqueFd(::socket(parsed->family(), SOCK_STREAM | SOCK_CLOEXEC, 0)));
    EXPECT_EQ(::connect(client.fd_.get(), parsed->system(), parsed->system_octets()), 0) << address;
    return client;
  }

  static RawClient to_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    RawClient client(UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    EXPECT_EQ(
        ::connect(client.fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0)
        << path;
    return client;
  }

  /// False when the other side has closed.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void shut_sending() { static_cast<void>(::shutdown(fd_.get(), SHUT_WR)); }

  void close() { fd_.reset(); }

  /// One response with a Content-Length, or none when the connection ends before it is whole.
  std::optional<RawResponse> receive(bool is_head = false) {
    RawResponse out;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive_more()) {
        return std::nullopt;
      }
    }
    out.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    std::from_chars(out.head.data() + 9, out.head.data() + 12, out.status);
    const std::size_t octets = is_head ? 0 : length_of(out.head);
    while (buffer_.size() < octets) {
      if (!receive_more()) {
        return std::nullopt;
      }
    }
    out.body = buffer_.substr(0, octets);
    buffer_.erase(0, octets);
    return out;
  }

  /// Waits until the other side has closed; whether it has.
  bool is_closed() {
    while (receive_more()) {
    }
    return ended_;
  }

  /// Waits for something to read (the end included), at most so long; whether there is.
  bool readable_within(std::chrono::milliseconds time) {
    pollfd waiting{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, static_cast<int>(time.count())) > 0;
  }

 private:
  static constexpr std::chrono::seconds kPatience{20};

  explicit RawClient(UniqueFd fd) : fd_(std::move(fd)) {}

  static std::size_t length_of(const std::string& head) {
    const std::string_view field = "Content-Length: ";
    std::size_t octets = 0;
    if (const std::size_t at = head.find(field); at != std::string::npos) {
      std::from_chars(head.data() + at + field.size(), head.data() + head.size(), octets);
    }
    return octets;
  }

  bool receive_more() {
    char octets[65536];  // NOLINT(modernize-avoid-c-arrays): a read buffer
    if (!readable_within(kPatience)) {
      ADD_FAILURE() << "nothing to read";
      return false;
    }
    const ssize_t got = ::recv(fd_.get(), octets, sizeof octets, 0);
    ended_ = got == 0 || (got < 0 && errno == ECONNRESET);
    if (got <= 0) {
      return false;
    }
    buffer_.append(octets, static_cast<std::size_t>(got));
    return true;
  }

  UniqueFd fd_;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace tandem
