// TLS in tests: keys of nodes, and a server's end of a connection that waits for what it does.
#pragma once

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>

#include <gtest/gtest.h>

#include "common/net/tls.h"
#include "tests/unit/net/dns_servers.h"

namespace tandem::test {

/// A folder that goes with the test.
class TlsFolder {
 public:
  TlsFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tandem_tls_XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }

  TlsFolder(const TlsFolder&) = delete;
  TlsFolder& operator=(const TlsFolder&) = delete;

  ~TlsFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::filesystem::path write(std::string_view name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::trunc) << text;
    return path_ / name;
  }

  [[nodiscard]] NodeKey node_key(std::string_view name) const {
    std::filesystem::create_directory(path_ / name);
    auto key = load_or_make_node_key(path_ / name);
    EXPECT_TRUE(key);
    return *std::move(key);
  }

 private:
  std::filesystem::path path_;
};

inline void stop_blocking(int fd) {
  ASSERT_EQ(::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK), 0);
}

/// Waits for the socket as it is needed. False: it never was.
inline bool await_socket(int fd, SocketNeed need) {
  pollfd poll{fd, static_cast<short>(need == SocketNeed::kWritable ? POLLOUT : POLLIN), 0};
  return ::poll(&poll, 1, kPatienceMs) == 1;
}

/// One side of a connection. Everything waits.
class TlsEnd {
 public:
  TlsEnd(UniqueFd fd, TlsSession session) : fd_(std::move(fd)), session_(std::move(session)) {}

  Status handshake() {
    for (;;) {
      const SocketNeed need = TRY(session_.handshake());
      if (need == SocketNeed::kNothing) {
        return {};
      }
      if (!await(need)) {
        return fail(Errc::kTimeout, "the handshake does not end");
      }
    }
  }

  void send(OctetSpan octets) {
    while (!octets.empty()) {
      const auto step = session_.write(octets);
      ASSERT_TRUE(step) << step.error().detail;
      octets = octets.subspan(step->octets);
      if (step->need != SocketNeed::kNothing) {
        ASSERT_TRUE(await(step->need));
      }
    }
  }

  /// Exactly that much; nothing when the connection ends first.
  Octets read(std::size_t octets) {
    Octets out(octets);
    for (std::size_t have = 0; have < octets;) {
      const auto step = session_.read(std::span(out).subspan(have));
      if (!step || (step->need == SocketNeed::kNothing && step->octets == 0)) {
        return {};
      }
      have += step->octets;
      if (step->need != SocketNeed::kNothing && !await(step->need)) {
        return {};
      }
    }
    return out;
  }

  Octets read_framed() {
    const Octets length = read(2);
    return length.empty() ? Octets() : read(load_be16(length.data()));
  }

  [[nodiscard]] bool await(SocketNeed need) const { return await_socket(fd_.get(), need); }

  TlsSession& session() { return session_; }

 private:
  UniqueFd fd_;
  TlsSession session_;
};

}  // namespace tandem::test
