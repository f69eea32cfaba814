// Requests on their way from the data plane: bounded rings, one thread that serves, answers back.
#include "common/net/request_queue.h"

#include <functional>
#include <future>

#include <gtest/gtest.h>

#include "common/net/listen.h"
#include "tests/unit/net/dns_servers.h"

namespace tandem::test {
namespace {

bool push(RequestRing& ring, int socket, const sockaddr_storage& from, std::uint8_t octet) {
  RequestDatagram* const to = ring.begin_push();
  if (to == nullptr) {
    return false;
  }
  to->socket = socket;
  to->from = from;
  to->from_octets = sizeof(sockaddr_in);
  to->control_octets = 0;
  to->octets = 1;
  to->message[0] = octet;
  ring.end_push();
  return true;
}

/// What the queue's thread was given, in its order; answered with the same octets.
class Served {
 public:
  explicit Served(std::size_t wanted) : wanted_(wanted) {}

  void operator()(ReceivedRequest request) {
    RequestAnswer answer;
    answer.message = request.message;
    request.answer(std::move(answer));
    got_.push_back(request.message.at(0));
    if (got_.size() == wanted_) {
      done_.set_value(got_);
    }
  }

  std::future<std::vector<std::uint8_t>> all() { return done_.get_future(); }

 private:
  std::size_t wanted_;
  std::vector<std::uint8_t> got_;
  std::promise<std::vector<std::uint8_t>> done_;
};

TEST(RequestQueue, ARingTakesSoMuchAndNoMore) {
  RequestQueue queue;
  RequestRing& ring = queue.add_ring();
  std::size_t count = 0;
  while (push(ring, -1, {}, static_cast<std::uint8_t>(count))) {
    ++count;
  }
  EXPECT_EQ(count, 256U);
  EXPECT_EQ(ring.begin_pop()->message[0], 0);
  ring.end_pop();
  EXPECT_TRUE(push(ring, -1, {}, 0));
  EXPECT_FALSE(push(ring, -1, {}, 0));
}

TEST(RequestQueue, ServesWhatCameBeforeItStartedAndAfter) {
  Served served(3);
  RequestQueue queue;
  RequestRing& ring = queue.add_ring();
  ASSERT_TRUE(push(ring, -1, {}, 1));
  ring.wake();
  auto all = served.all();
  queue.start(std::ref(served));
  ASSERT_TRUE(push(ring, -1, {}, 2));
  ASSERT_TRUE(push(ring, -1, {}, 3));
  ring.wake();
  EXPECT_EQ(all.get(), (std::vector<std::uint8_t>{1, 2, 3}));
}

TEST(RequestQueue, AnswersByTheSocketThatWasAsked) {
  auto listening = listen_udp(loopback(), 1);
  ASSERT_TRUE(listening);
  const UniqueFd client = connect_to(listening->address, SOCK_DGRAM);
  sockaddr_storage from{};
  socklen_t octets = sizeof from;
  ASSERT_EQ(::getsockname(client.get(), reinterpret_cast<sockaddr*>(&from), &octets), 0);
  Served served(1);
  RequestQueue queue;
  RequestRing& ring = queue.add_ring();
  queue.start(std::ref(served));
  ASSERT_TRUE(push(ring, listening->sockets.front().get(), from, 7));
  ring.wake();
  ASSERT_TRUE(is_readable(client));
  std::uint8_t answer = 0;
  EXPECT_EQ(::recv(client.get(), &answer, 1, 0), 1);
  EXPECT_EQ(answer, 7);
}

TEST(RequestQueue, WhatIsGivenAfterTheEndIsForgotten) {
  RequestQueue queue;
  bool is_served = false;
  queue.start([&is_served](ReceivedRequest) { is_served = true; });
  queue.stop();
  queue.give({});
  queue.stop();
  EXPECT_FALSE(is_served);
}

}  // namespace
}  // namespace tandem::test
