#include "ctl/tcp_stream.h"

#include <charconv>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>

namespace tandem {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

Result<HostPort> host_port_from_text(std::string_view text, std::string_view usual_port) {
  HostPort out{std::string(text), std::string(usual_port)};
  const std::size_t colon = text.rfind(':');
  const bool is_bracketed = text.starts_with('[');
  if (is_bracketed) {
    const std::size_t end = text.find(']');
    const std::string_view rest =
        end == std::string_view::npos ? "?" : text.substr(end + 1);  // "" or ":PORT"
    if (!rest.empty() && !rest.starts_with(':')) {
      return fail(Errc::kInvalid, "expected [ADDRESS]:PORT, got \"{}\"", text);
    }
    out.host = text.substr(1, end - 1);
    out.port = rest.empty() ? usual_port : rest.substr(1);
  } else if (colon != std::string_view::npos && text.find(':') == colon) {
    out.host = text.substr(0, colon);
    out.port = text.substr(colon + 1);
  }  // two colons: an IPv6 address alone
  std::uint16_t number = 0;
  const auto read = std::from_chars(out.port.data(), out.port.data() + out.port.size(), number);
  if (out.host.empty() || read.ec != std::errc() || number == 0 ||
      read.ptr != out.port.data() + out.port.size()) {
    return fail(Errc::kInvalid, "expected HOST or HOST:PORT, got \"{}\"", text);
  }
  return out;
}

class TcpStream::Impl {
 public:
  Impl(HostPort to, std::chrono::seconds limit) : to_(std::move(to)), limit_(limit) {}

  Status connect() {
    asio::ip::tcp::resolver resolver(io_);
    error_code error;
    const auto found = resolver.resolve(to_.host, to_.port, error);
    if (error) {
      return fail(Errc::kUnavailable, "{}: {}", to_.host, error.message());
    }
    error = run([&](auto done) {
      stream_.async_connect(
          found, [done](error_code result, const auto& /*endpoint*/) { done(result, 0); });
    });
    return error ? failure(error, Errc::kUnavailable) : Status{};
  }

  Status write(OctetSpan octets) {
    const error_code error = run([&](auto done) {
      asio::async_write(stream_, asio::buffer(octets.data(), octets.size()), done);
    });
    return error ? failure(error, Errc::kIo) : Status{};
  }

  Status read(std::span<std::uint8_t> to) {
    const error_code error = run(
        [&](auto done) { asio::async_read(stream_, asio::buffer(to.data(), to.size()), done); });
    return error ? failure(error, Errc::kIo) : Status{};
  }

  Result<std::size_t> read_some(std::span<std::uint8_t> to) {
    const error_code error =
        run([&](auto done) { stream_.async_read_some(asio::buffer(to.data(), to.size()), done); });
    if (error == asio::error::eof) {
      return std::size_t{0};
    }
    return error ? Result<std::size_t>(failure(error, Errc::kIo)) : moved_;
  }

 private:
  template <class Start>
  error_code run(const Start& start) {
    if (limit_ > std::chrono::seconds(0)) {
      stream_.expires_after(limit_);
    }
    error_code result;
    start([this, &result](error_code error, std::size_t octets) {
      result = error;
      moved_ = octets;
    });
    io_.restart();
    io_.run();
    return result;
  }

  [[nodiscard]] std::unexpected<Error> failure(const error_code& error, Errc code) const {
    if (error == beast::error::timeout) {
      return fail(Errc::kTimeout, "{} port {} does not answer (--timeout waits longer)", to_.host,
                  to_.port);
    }
    return fail(code, "{} port {}: {}", to_.host, to_.port,
                error == asio::error::eof ? "closed the connection" : error.message());
  }

  HostPort to_;
  std::chrono::seconds limit_;
  asio::io_context io_{1};
  beast::basic_stream<asio::ip::tcp> stream_{io_};
  std::size_t moved_ = 0;  // octets of the last step
};

TcpStream::TcpStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TcpStream::TcpStream(TcpStream&&) noexcept = default;
TcpStream& TcpStream::operator=(TcpStream&&) noexcept = default;
TcpStream::~TcpStream() = default;

Result<TcpStream> TcpStream::connect(const HostPort& to, std::chrono::seconds step_limit) {
  auto impl = std::make_unique<Impl>(to, step_limit);
  TRYV(impl->connect());
  return TcpStream(std::move(impl));
}

Status TcpStream::write(OctetSpan octets) {
  return impl_->write(octets);
}

Status TcpStream::read(std::span<std::uint8_t> to) {
  return impl_->read(to);
}

Result<std::size_t> TcpStream::read_some(std::span<std::uint8_t> to) {
  return impl_->read_some(to);
}

}  // namespace tandem
