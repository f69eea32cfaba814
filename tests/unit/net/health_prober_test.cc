// Probes of services, which the test plays.
#include "common/net/health_prober.h"

#include <future>

#include <gmock/gmock.h>

#include "tests/unit/net/other_server.h"

namespace tandem::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class HealthProberTest : public OtherServer {
 protected:
  std::future<Status> probe(HealthTarget target, milliseconds timeout = milliseconds(kPatienceMs)) {
    std::promise<Status> promise;
    auto future = promise.get_future();
    prober_.probe(std::move(target), timeout,
                  [promise = std::move(promise)](Status status) mutable {
                    promise.set_value(std::move(status));
                  });
    return future;
  }

  [[nodiscard]] HealthTarget http() const {
    HealthTarget target{HealthTarget::Kind::kHttp, peer_.address};
    target.path = "/health";
    return target;
  }

  /// What the server says to a request, and then closes.
  Status answered(const HealthTarget& target, std::string_view answer) {
    auto future = probe(target);
    UniqueFd connection = accept();
    EXPECT_TRUE(is_readable(connection));
    std::array<char, 4096> room{};
    const ssize_t got = ::recv(connection.get(), room.data(), room.size(), 0);
    request_.assign(room.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    send_to(connection, to_octets(as_octets(answer)));
    connection.reset();
    return future.get();
  }

  HealthProber prober_{client_key_};
  std::string request_;
};

TEST_F(HealthProberTest, AConnectionIsEnoughForTcp) {
  const HealthTarget target{HealthTarget::Kind::kTcp, peer_.address};
  auto future = probe(target);
  const UniqueFd connection = accept();
  EXPECT_TRUE(future.get());
}

TEST_F(HealthProberTest, NobodyListens) {
  auto closed = listen_tcp(loopback());
  const HealthTarget target{HealthTarget::Kind::kTcp, closed->address};
  closed->sockets.clear();
  EXPECT_EQ(probe(target).get().error().code, Errc::kIo);
}

TEST_F(HealthProberTest, HttpHasToAnswerAsItIsWanted) {
  HealthTarget target = http();
  EXPECT_TRUE(answered(target, "HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_THAT(request_, HasSubstr("GET /health HTTP/1.1\r\n"));
  EXPECT_THAT(request_, HasSubstr("Host: " + peer_.address.to_text()));
  const Status broken = answered(target, "HTTP/1.1 503 Broken\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(broken.error().detail, HasSubstr("status 503"));
  EXPECT_FALSE(answered(target, "HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n"));
  target.status = 301;
  target.host = "www.example";
  EXPECT_TRUE(answered(target, "HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n"));
  EXPECT_THAT(request_, HasSubstr("Host: www.example\r\n"));
  EXPECT_FALSE(answered(target, "HTTP/1.1 200 OK\r\n\r\n"));
}

TEST_F(HealthProberTest, ATextHasToBeInTheBody) {
  HealthTarget target = http();
  target.text = "all good";
  EXPECT_TRUE(answered(target, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[all good]"));
  EXPECT_TRUE(answered(target, "HTTP/1.1 200 OK\r\n\r\nall good"));
  EXPECT_TRUE(answered(target,
                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "4\r\nall \r\n4\r\ngood\r\n0\r\n\r\n"));
  EXPECT_FALSE(answered(target, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnone"));
  EXPECT_EQ(answered(target, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nall good").error().code,
            Errc::kIo)
      << "cut";
  EXPECT_EQ(answered(target, "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n").error().code,
            Errc::kTooLarge);
}

TEST_F(HealthProberTest, WhatIsNoHttpIsNoAnswer) {
  EXPECT_EQ(answered(http(), "220 mail.example ESMTP\r\n").error().code, Errc::kCorrupt);
  EXPECT_EQ(answered(http(), "").error().code, Errc::kIo);
  EXPECT_EQ(answered(http(), "HTTP/1.1 200 OK\r\nX: " + std::string(10'000, 'x')).error().code,
            Errc::kTooLarge);
}

TEST_F(HealthProberTest, ASilentServerIsDownInTime) {
  auto future = probe(http(), milliseconds(50));
  const UniqueFd connection = accept();
  EXPECT_EQ(future.get().error().code, Errc::kTimeout);
}

TEST_F(HealthProberTest, StoppingEndsWhatGoesOn) {
  auto future = probe(http());
  const UniqueFd connection = accept();
  prober_.stop();
  EXPECT_EQ(future.get().error().code, Errc::kUnavailable);
}

}  // namespace
}  // namespace tandem::test
