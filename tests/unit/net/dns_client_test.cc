// Asking other servers, which the test itself plays on loopback: over UDP and TCP.
#include "common/net/dns_client.h"

#include <future>

#include <gmock/gmock.h>

#include "tests/unit/net/other_server.h"

namespace tandem::test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class Asking : public OtherServer {
 protected:
  /// Over UDP, once, for as long as anything takes on a loaded machine.
  static AskOptions once() { return {.timeout = milliseconds(kPatienceMs), .tries = 1}; }

  static AskOptions over_tcp() {
    return {.timeout = milliseconds(kPatienceMs), .tries = 1, .over_tcp = true};
  }
};

TEST_F(Asking, TheAnswerIsGiven) {
  auto answer = ask(query(7), once());
  const Datagram question = receive();
  EXPECT_EQ(question.octets, query(7));
  send(answer_to(query(7)), question);
  EXPECT_EQ(good(answer), answer_to(query(7)));
}

TEST_F(Asking, AQuestionThatIsLostIsAskedAgainFromTheSamePort) {
  auto answer = ask(query(7), {.timeout = milliseconds(20), .tries = 12});
  const Datagram first = receive();
  const Datagram second = receive();
  EXPECT_EQ(second.octets, first.octets);
  EXPECT_EQ(second.from.to_text(), first.from.to_text());
  send(answer_to(query(7)), second);
  EXPECT_EQ(good(answer), answer_to(query(7)));
}

// RFC 5452 s9.1
TEST_F(Asking, WhatIsNotTheAnswerIsIgnored) {
  auto answer = ask(query(7), once());
  const Datagram question = receive();
  send(answer_to(query(8)), question);
  send(query(7), question);
  send(answer_to(query_for("other.example.", 7)), question);
  send({1, 2, 3}, question);
  Octets update = answer_to(query(7));
  update[2] |= 5U << 3U;  // the opcode of an update
  send(update, question);
  Octets bare = answer_to(query(7));
  bare.resize(kHeaderOctets);
  bare[5] = 0;
  send(bare, question);
  UniqueFd other = connect_to(question.from, SOCK_DGRAM);
  const Octets forged = answer_to(query(7), Rcode::kServFail);
  EXPECT_GT(::send(other.get(), forged.data(), forged.size(), 0), 0);
  send(answer_to(query(7)), question);
  EXPECT_EQ(good(answer), answer_to(query(7)));
}

TEST_F(Asking, AnErrorMayComeWithoutTheQuestion) {
  auto answer = ask(query(7), once());
  Octets bare = answer_to(query(7), Rcode::kNotImp);
  bare.resize(kHeaderOctets);
  bare[5] = 0;
  send(bare, receive());
  EXPECT_EQ(good(answer), bare);
}

TEST_F(Asking, TheLettersOfTheQuestionMayBeOthers) {
  auto answer = ask(query_for("WWW.example.", 7), once());
  send(answer_to(query_for("www.EXAMPLE.", 7)), receive());
  EXPECT_EQ(good(answer), answer_to(query_for("www.EXAMPLE.", 7)));
}

TEST_F(Asking, NoAnswerIsTold) {
  auto answer = ask(query(7), {.timeout = milliseconds(20), .tries = 2});
  EXPECT_EQ(bad(answer).code, Errc::kTimeout);
}

TEST_F(Asking, WhereNobodyListensTheEndComesSooner) {
  close_udp();
  constexpr milliseconds kTimeout{8'000};
  auto answer = ask(query(7), {.timeout = kTimeout, .tries = 1});
  const Error error = bad(answer, kTimeout);
  EXPECT_EQ(error.code, Errc::kIo);
  EXPECT_THAT(error.detail, HasSubstr("Connection refused"));
}

TEST_F(Asking, ATruncatedAnswerIsAskedForOverTcp) {
  auto answer = ask(query(7), once());
  Octets truncated = answer_to(query(7));
  truncated[2] |= 2U;
  send(truncated, receive());
  const UniqueFd connection = accept();
  EXPECT_EQ(read_framed(connection), query(7));
  send_to(connection, framed(answer_to(query(7))));
  EXPECT_EQ(good(answer), answer_to(query(7)));
}

TEST_F(Asking, TheAddressToAskFromIsUsed) {
  peer_.from = *SocketAddress::from_text("127.0.0.9:0");
  auto answer = ask(query(7), once());
  const Datagram question = receive();
  EXPECT_THAT(question.from.to_text(), HasSubstr("127.0.0.9:"));
  send(answer_to(query(7)), question);
  EXPECT_TRUE(answer.get());
  peer_.from = *SocketAddress::from_text("192.0.2.1:0");
  auto impossible = ask(query(7), over_tcp());
  EXPECT_THAT(bad(impossible).detail, HasSubstr("cannot ask from 192.0.2.1:0"));
}

TEST_F(Asking, ASignedAnswerIsVerifiedAndGivenWithoutItsSignature) {
  peer_.key = key();
  auto answer = ask(query(7), once());
  const Datagram question = receive();
  EXPECT_GT(question.octets.size(), query(7).size());
  send(signed_answer(question.octets, answer_to(query(7))), question);
  EXPECT_EQ(good(answer), answer_to(query(7)));
}

TEST_F(Asking, AnUnsignedAnswerToASignedQuestionIsNotBelieved) {
  peer_.key = key();
  auto answer = ask(query(7), once());
  const Datagram question = receive();
  send(answer_to(query(7)), question);
  Octets wrong = signed_answer(question.octets, answer_to(query(7)));
  wrong[3] ^= 1U;
  send(wrong, question);
  send(signed_answer(question.octets, answer_to(query(7))), question);
  EXPECT_EQ(good(answer), answer_to(query(7))) << "the good one is waited for";

  auto nothing_better = ask(query(8), {.timeout = milliseconds(200), .tries = 5});
  send(answer_to(query(8)), receive());
  const Error error = bad(nothing_better);
  EXPECT_EQ(error.code, Errc::kCorrupt);
  EXPECT_THAT(error.detail, HasSubstr("not signed"));
}

// RFC 8945 s5.2
TEST_F(Asking, WhatTheServerHasAgainstTheSignatureIsTold) {
  peer_.key = key();
  const auto told = [this](TsigError error) {
    auto answer = ask(query(7), over_tcp());
    const UniqueFd connection = accept();
    const Octets question = read_framed(connection);
    send_to(connection,
            framed(signed_answer(question, answer_to(query(7), Rcode::kNotAuth), error)));
    return bad(answer).detail;
  };
  EXPECT_THAT(told(TsigError::kBadKey), HasSubstr("BADKEY"));
  EXPECT_THAT(told(TsigError::kBadSig), HasSubstr("BADSIG"));
  clock_.advance(std::chrono::hours(1));
  EXPECT_THAT(told(TsigError::kBadTime),
              HasSubstr("3600 s behind ours (BADTIME; theirs: 2025-06-15T15:06:40.000000Z, ours: "
                        "2025-06-15T16:06:40.000000Z)"));
  auto unsigned_refusal = ask(query(7), over_tcp());
  const UniqueFd connection = accept();
  EXPECT_FALSE(read_framed(connection).empty());
  send_to(connection, framed(answer_to(query(7), Rcode::kRefused)));
  EXPECT_THAT(bad(unsigned_refusal).detail, HasSubstr("REFUSED, and does not sign it"));
}

TEST_F(Asking, OverTcpTheAnswerMayComeInPieces) {
  auto answer = ask(query(7), over_tcp());
  const UniqueFd connection = accept();
  EXPECT_EQ(read_framed(connection), query(7));
  for (const std::uint8_t octet : framed(answer_to(query(7)))) {
    send_to(connection, {octet});
  }
  EXPECT_EQ(good(answer), answer_to(query(7)));
}

TEST_F(Asking, OverTcpWhatEndsTooSoonIsTold) {
  auto cut = ask(query(7), over_tcp());
  {
    const UniqueFd connection = accept();
    EXPECT_EQ(read_framed(connection), query(7));
    Octets half = framed(answer_to(query(7)));
    half.pop_back();
    send_to(connection, half);
  }
  const Error error = bad(cut);
  EXPECT_EQ(error.code, Errc::kIo);
  EXPECT_THAT(error.detail, HasSubstr("closed the connection before the answer's end"));

  auto other = ask(query(7), over_tcp());
  const UniqueFd connection = accept();
  send_to(connection, framed(answer_to(query(8))));
  EXPECT_EQ(bad(other).code, Errc::kCorrupt);
}

TEST_F(Asking, OverTcpASlowServerIsNotWaitedForLongerThanSaid) {
  auto answer = ask(query(7), {.timeout = milliseconds(30), .tries = 2, .over_tcp = true});
  EXPECT_EQ(bad(answer).code, Errc::kTimeout);
}

TEST_F(Asking, MoreThanAreAskedAtOnceAreAllAnswered) {
  constexpr std::uint16_t kMany = DnsClient::kAsksAtOnce * 2 + 1;
  std::vector<std::future<Result<Octets>>> answers;
  for (std::uint16_t id = 0; id < kMany; ++id) {
    answers.push_back(ask(query(id), {.timeout = milliseconds(2'000), .tries = 5}));
  }
  const auto is_answered = [](const auto& answer) {
    return answer.wait_for(milliseconds(0)) == std::future_status::ready;
  };
  while (!std::ranges::all_of(answers, is_answered)) {
    if (has_question(10)) {
      const Datagram question = receive();
      send(answer_to(question.octets), question);
    }
  }
  for (std::uint16_t id = 0; id < kMany; ++id) {
    EXPECT_EQ(good(answers[id]), answer_to(query(id)));
  }
}

TEST_F(Asking, StoppingEndsWhatIsGoingOnAndNothingIsCalledAfterIt) {
  auto udp = ask(query(7), once());
  auto tcp = ask(query(8), over_tcp());
  std::ignore = receive();
  const UniqueFd connection = accept();
  client_->stop();
  EXPECT_EQ(bad(udp).code, Errc::kUnavailable);
  EXPECT_EQ(bad(tcp).code, Errc::kUnavailable);
  bool is_called = false;
  client_->ask(peer_, query(9), {}, [&is_called](const auto&) { is_called = true; });
  client_->stop();
  client_.reset();
  EXPECT_FALSE(is_called);
}

TEST_F(Asking, AMessageThatIsNoRequestIsRefused) {
  auto answer = ask({1, 2, 3}, once());
  EXPECT_EQ(bad(answer).code, Errc::kInvalid);
}

}  // namespace
}  // namespace tandem::test
