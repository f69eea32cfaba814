// POST to servers that answer well, badly, slowly and not at all. HTTPS:
// tests/cluster/tell_test.py.
#include "common/net/http_post.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/net/tls_ends.h"

namespace tandem::test {
namespace {

/// Takes one connection, reads what comes until an empty line and the body, and answers.
class OneAnswer {
 public:
  enum class Then : std::uint8_t { kClose, kHang };

  explicit OneAnswer(std::string answer, Then then = Then::kClose)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t octets = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.get(), generic, octets), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
    EXPECT_EQ(::getsockname(listener_.get(), generic, &octets), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, then] { serve(then); });
  }

  [[nodiscard]] HttpUrl url() const {
    return *http_url_from_text("http://127.0.0.1:" + std::to_string(port_) + "/hook?a=b");
  }

  std::string request() {
    thread_.join();
    return request_;
  }

  void let_go() { may_close_.set_value(); }

 private:
  void serve(Then then) {
    const UniqueFd connection(::accept(listener_.get(), nullptr, nullptr));
    std::string room(4096, '\0');
    while (!request_.ends_with("{}")) {
      const ssize_t octets = ::recv(connection.get(), room.data(), room.size(), 0);
      if (octets <= 0) {
        return;
      }
      request_.append(room, 0, static_cast<std::size_t>(octets));
    }
    static_cast<void>(::send(connection.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL));
    if (then == Then::kHang) {
      may_close_.get_future().wait();
    }
  }

  UniqueFd listener_;
  std::string answer_;
  std::string request_;
  std::uint16_t port_ = 0;
  std::promise<void> may_close_;
  std::jthread thread_;
};

class HttpPostTest : public ::testing::Test {
 protected:
  Status post(const HttpUrl& url, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    return post_http(tls_, url, {.content_type = "application/json", .body = "{}", .limit = limit},
                     stop_);
  }

  TlsFolder folder_;
  const TlsClient tls_{folder_.node_key("node")};
  StopEvent stop_;
};

TEST_F(HttpPostTest, APostIsTakenByAny2xx) {
  OneAnswer server("HTTP/1.1 204 No Content\r\n\r\n");
  const HttpUrl url = server.url();
  const Status posted = post(url);
  EXPECT_TRUE(posted) << posted.error().detail;
  const std::string request = server.request();
  EXPECT_TRUE(request.starts_with("POST /hook?a=b HTTP/1.1\r\nHost: 127.0.0.1:")) << request;
  EXPECT_NE(request.find("Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"),
            std::string::npos)
      << request;
}

TEST_F(HttpPostTest, OtherStatusesAndBadAnswersAreErrorsThatDoNotShowThePath) {
  for (const auto& [answer, code, text] :
       {std::tuple("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", Errc::kIo, "status 302"),
        std::tuple("HTTP/1.1 500 No\r\n\r\n", Errc::kIo, "status 500"),
        std::tuple("SSH-2.0-OpenSSH\r\n\r\n", Errc::kCorrupt, "not answer in HTTP"),
        std::tuple("HTTP/1.1 200 O", Errc::kIo, "closed the connection")}) {
    OneAnswer server(answer);
    const Status posted = post(server.url());
    ASSERT_FALSE(posted) << answer;
    EXPECT_EQ(posted.error().code, code) << answer;
    EXPECT_NE(posted.error().detail.find(text), std::string::npos) << posted.error().detail;
    EXPECT_EQ(posted.error().detail.find("hook"), std::string::npos) << posted.error().detail;
  }
}

TEST_F(HttpPostTest, AHeaderWithoutEndIsCutOff) {
  OneAnswer server("HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x'));
  const Status posted = post(server.url());
  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().code, Errc::kCorrupt) << posted.error().detail;
}

TEST_F(HttpPostTest, AServerThatIsSilentIsWaitedForUntilTheLimit) {
  OneAnswer server("HTTP/1.1 ", OneAnswer::Then::kHang);
  const Status posted = post(server.url(), std::chrono::milliseconds(50));
  server.let_go();
  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().code, Errc::kTimeout);
}

TEST_F(HttpPostTest, StopEndsTheWaiting) {
  OneAnswer server("HTTP/1.1 ", OneAnswer::Then::kHang);
  stop_.stop();
  const Status posted = post(server.url());
  server.let_go();
  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().code, Errc::kUnavailable);
}

TEST(HttpUrl, IsTakenApart) {
  const auto url = http_url_from_text("https://hooks.example.net/T1/x?y=z");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "hooks.example.net");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->target, "/T1/x?y=z");
  EXPECT_EQ(url->origin(), "https://hooks.example.net:443");
  EXPECT_EQ(http_url_from_text("http://[2001:db8::1]:8080")->host, "2001:db8::1");
  EXPECT_EQ(http_url_from_text("http://[2001:db8::1]:8080")->origin(), "http://[2001:db8::1]:8080");
  EXPECT_EQ(http_url_from_text("http://a")->target, "/");
  EXPECT_EQ(http_url_from_text("http://a?x")->target, "/?x");
}

TEST(HttpUrl, OthersAreRefused) {
  for (const std::string_view bad :
       {"", "hooks.example.net", "ftp://a/", "http://", "http:///x", "http://a:0/",
        "http://a:70000/", "http://a b/", "http://u:p@a/", "http://a/\r\nX: y", "http://a%00b/",
        "http://a%0d%0ab/"}) {
    EXPECT_FALSE(http_url_from_text(bad)) << bad;
  }
}

}  // namespace
}  // namespace tandem::test
