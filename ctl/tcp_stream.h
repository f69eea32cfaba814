// A TCP connection to another server, with a time limit on every step. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace tandem {

/// `HOST`, `HOST:PORT`, `ADDRESS`, `[ADDRESS6]:PORT`.
struct HostPort {
  std::string host;
  std::string port;
};

/// Fails: kInvalid.
Result<HostPort> host_port_from_text(std::string_view text, std::string_view usual_port);

class TcpStream {
 public:
  /// `step_limit`: without an octet moving; 0: none. Fails: kUnavailable, kTimeout.
  static Result<TcpStream> connect(const HostPort& to, std::chrono::seconds step_limit);

  TcpStream(const TcpStream&) = delete;
  TcpStream& operator=(const TcpStream&) = delete;
  TcpStream(TcpStream&&) noexcept;
  TcpStream& operator=(TcpStream&&) noexcept;
  ~TcpStream();  // the connection is closed

  /// Fails: kIo, kTimeout.
  Status write(OctetSpan octets);
  /// Fills `to`. Fails: kIo, also when the server closes before that; kTimeout.
  Status read(std::span<std::uint8_t> to);
  /// What has come, as soon as there is anything: octets, 0 at the end. Fails: kIo, kTimeout.
  Result<std::size_t> read_some(std::span<std::uint8_t> to);

 private:
  class Impl;  // Asio stays in the .cc file

  explicit TcpStream(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem
