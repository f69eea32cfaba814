// Who gets which zone how: rules and limits, AXFR and IXFR over both transports, SOA EXPIRE told.
#include "common/node/transfer_desk.h"

#include <future>

#include <gmock/gmock.h>

#include "common/node/request_desk.h"
#include "tests/support/asking.h"
#include "tests/unit/primary/writer_fixture.h"

namespace tandem::test {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr std::uint32_t kExpire = 604'800;

/// A question for the zone or what changed in it.
struct Transfer {
  RrType type = RrType::kIxfr;
  std::optional<Serial> known = std::nullopt;  // of an IXFR
  std::string_view zone = kZone;
  Transport transport = Transport::kTcp;
  std::string_view from = "192.0.2.7:4711";
  bool expire = false;  // EDNS with the EXPIRE option
  std::uint16_t payload = 1232;
};

/// All that was answered. While it lives, so does its place among those at once.
struct Answered {
  std::vector<Message> messages;
  std::unique_ptr<AnswerStream> stream;

  [[nodiscard]] Rcode rcode() const { return messages.at(0).rcode(); }

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const Message& message : messages) {
      const auto lines = lines_of(message.answers);
      out.insert(out.end(), lines.begin(), lines.end());
    }
    return out;
  }

  [[nodiscard]] std::vector<RrType> types() const {
    std::vector<RrType> out;
    for (const MessageRecord& record : messages.at(0).answers) {
      out.push_back(record.type);
    }
    return out;
  }
};

Octets wire_of(const Transfer& asked) {
  Octets wire = query_wire(name(asked.zone), asked.type, false, false, 0);
  if (asked.known) {
    append(wire, name(asked.zone).wire());
    append(wire, Octets{0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0});
    append_be(wire, *asked.known);
    wire.resize(wire.size() + 16);
    wire[9] = 1;
  }
  if (asked.expire) {
    append(wire, Octets{0, 0, 41});
    append_be(wire, asked.payload);
    append(wire, Octets{0, 0, 0, 0, 0, 4, 0, 9, 0, 0});
    wire[11] = 1;
  }
  return wire;
}

class TransferDeskTest : public WriterTest {
 protected:
  TransferDeskTest() {
    rules_.allow.push_back(*TransferRule::from_text("192.0.2.0/24"));
    rules_.at_once = 3;
    rules_.at_once_per_peer = 2;
  }

  void start() {
    desk_ = std::make_unique<RequestDesk>(
        RequestDesk::Services{engine_, log_.publisher(), keys_, rules_, clock_, *log_, *local_});
  }

  void set(std::string_view owner, std::string_view address) {
    ASSERT_TRUE(change(*writer_, set_address(kZone, owner, address)));
  }

  Answered ask(const Transfer& asked) {
    auto promise = std::make_shared<std::promise<RequestAnswer>>();
    desk_->serve(
        {.message = wire_of(asked),
         .from = *SocketAddress::from_text(asked.from),
         .transport = asked.transport,
         .answer = [promise](RequestAnswer answer) { promise->set_value(std::move(answer)); }});
    RequestAnswer answer = promise->get_future().get();
    Answered out;
    if (answer.stream == nullptr) {
      out.messages.push_back(*parse_message(answer.message));
      return out;
    }
    EXPECT_EQ(asked.transport, Transport::kTcp);
    Octets room(kMaxMessageOctets);
    while (const std::size_t octets = answer.stream->next(room)) {
      out.messages.push_back(*parse_message(OctetSpan(room).first(octets)));
    }
    EXPECT_TRUE(answer.stream->on_sent());
    out.stream = std::move(answer.stream);
    return out;
  }

  [[nodiscard]] const TransferStats& stats() const { return desk_->transfers().stats(); }

  const QueryEngine engine_{{}};
  const KeyRing keys_{{}};
  TransferRules rules_;
  MemoryStore local_store_;
  TestLog local_{local_store_, clock_, LogId::kLocal};
  std::unique_ptr<RequestDesk> desk_;
};

TEST_F(TransferDeskTest, OneRuleIsEnoughAndNoneIsRefused) {
  rules_.allow.push_back(*TransferRule::from_text("198.51.100.1 zone:other"));
  start_with_zone();
  start();
  EXPECT_EQ(ask({.type = RrType::kAxfr}).rcode(), Rcode::kNoError);
  EXPECT_EQ(ask({.type = RrType::kAxfr, .from = "198.51.100.1:1"}).rcode(), Rcode::kRefused);
  EXPECT_EQ(ask({.known = 1, .from = "203.0.113.1:1"}).rcode(), Rcode::kRefused);
  EXPECT_EQ(stats().refused_by_rule.load(), 2U);
  EXPECT_EQ(ask({.type = RrType::kAxfr, .zone = "other.", .from = "198.51.100.1:1"}).rcode(),
            Rcode::kNotAuth)
      << "it may have the zone, which is not here";
}

TEST_F(TransferDeskTest, RulesMayComeWhileItRuns) {
  start_with_zone();
  start();
  const Transfer asked{.type = RrType::kAxfr, .from = "198.51.100.1:1"};
  EXPECT_EQ(ask(asked).rcode(), Rcode::kRefused);
  desk_->transfers().set_rules({*TransferRule::from_text("198.51.100.0/24")});
  EXPECT_EQ(ask(asked).rcode(), Rcode::kNoError);
  EXPECT_EQ(ask({.type = RrType::kAxfr}).rcode(), Rcode::kNoError) << "beside the configuration's";
  desk_->transfers().set_rules({});
  EXPECT_EQ(ask(asked).rcode(), Rcode::kRefused);
}

TEST_F(TransferDeskTest, AxfrIsTheWholeZoneAndNeverADatagram) {
  start_with_zone();
  start();
  EXPECT_THAT(ask({.type = RrType::kAxfr}).lines(), SizeIs(5));
  EXPECT_EQ(ask({.type = RrType::kAxfr, .transport = Transport::kUdp}).rcode(), Rcode::kRefused);
  EXPECT_EQ(stats().whole.load(), 1U);
  EXPECT_EQ(stats().records.load(), 5U);
  EXPECT_GT(stats().octets.load(), 100U);
}

// RFC 1995 s2, s4
TEST_F(TransferDeskTest, IxfrIsWhatChangedOverBothTransports) {
  start_with_zone();
  set("a", "192.0.2.2");
  set("b", "192.0.2.3");
  start();
  const auto over_tcp = ask({.known = 1});
  const auto over_udp = ask({.known = 1, .transport = Transport::kUdp});
  EXPECT_EQ(over_tcp.lines(), over_udp.lines());
  const std::string now = "example. 3600 SOA ns1.example. hostmaster.example. 3 900 300 604800 600";
  const std::string then =
      "example. 3600 SOA ns1.example. hostmaster.example. 1 900 300 604800 600";
  EXPECT_THAT(over_tcp.lines(),
              ElementsAre(now, then, "a.example. 3600 A 192.0.2.1", now,
                          "a.example. 3600 A 192.0.2.2", "b.example. 3600 A 192.0.2.3", now));
  EXPECT_EQ(stats().changes.load(), 2U);
}

TEST_F(TransferDeskTest, WhoHasThePresentOrANewerSerialGetsTheSoaAlone) {
  start_with_zone();
  set("a", "192.0.2.2");
  start();
  for (const Serial known : {2U, 3U, 0x7000'0000U}) {
    EXPECT_EQ(ask({.known = known}).types(), std::vector{RrType::kSoa}) << known;
    EXPECT_EQ(ask({.known = known, .transport = Transport::kUdp}).types(),
              std::vector{RrType::kSoa});
  }
  EXPECT_EQ(stats().soa_alone.load(), 6U);
}

TEST_F(TransferDeskTest, AnUnknownSerialIsTheWholeZoneOrOverUdpTheSoaAlone) {
  start_with_zone();
  start();
  const auto whole = ask({.known = 0});
  EXPECT_THAT(whole.lines(), SizeIs(5));
  EXPECT_EQ(whole.messages[0].questions[0].type, RrType::kIxfr);
  EXPECT_EQ(stats().whole_for_changes.load(), 1U);
  EXPECT_EQ(ask({.known = 0, .transport = Transport::kUdp}).types(), std::vector{RrType::kSoa});
}

TEST_F(TransferDeskTest, ChangesThatDoNotFitIntoADatagramAreTheSoaAlone) {
  start_with_zone();
  for (int i = 0; i < 40; ++i) {
    set(fmt::format("some-longer-name-{}", i), "192.0.2.2");
  }
  start();
  EXPECT_EQ(ask({.known = 1, .transport = Transport::kUdp}).types(), std::vector{RrType::kSoa});
  EXPECT_EQ(ask({.known = 39, .transport = Transport::kUdp}).types().size(), 6U);
  EXPECT_THAT(ask({.known = 1}).lines(), SizeIs(44));
}

TEST_F(TransferDeskTest, AQuestionWithoutASerialIsAFormErr) {
  start_with_zone();
  start();
  EXPECT_EQ(ask({}).rcode(), Rcode::kFormErr);
}

TEST_F(TransferDeskTest, SoManyAtOnceInAllAndForOnePeer) {
  start_with_zone();
  set("a", "192.0.2.2");
  start();
  std::optional<Answered> first(ask({.type = RrType::kAxfr}));
  const Answered second = ask({.known = 1, .from = "192.0.2.7:9"});
  EXPECT_EQ(ask({.type = RrType::kAxfr, .from = "192.0.2.7:10"}).rcode(), Rcode::kRefused);
  EXPECT_EQ(ask({.known = 1}).rcode(), Rcode::kRefused);
  EXPECT_EQ(stats().refused_by_limit.load(), 2U);
  EXPECT_EQ(ask({.known = 1, .transport = Transport::kUdp}).types(), std::vector{RrType::kSoa})
      << "it asks again over TCP";
  EXPECT_EQ(ask({.known = 2}).types(), std::vector{RrType::kSoa}) << "which takes no place";
  const Answered third = ask({.type = RrType::kAxfr, .from = "192.0.2.8:1"});
  EXPECT_EQ(third.rcode(), Rcode::kNoError);
  EXPECT_EQ(ask({.type = RrType::kAxfr, .from = "192.0.2.9:1"}).rcode(), Rcode::kRefused);
  first.reset();
  EXPECT_EQ(ask({.type = RrType::kAxfr, .from = "192.0.2.9:1"}).rcode(), Rcode::kNoError);
}

TEST_F(TransferDeskTest, AZoneThatIsStillBeingStoredIsNotGivenAway) {
  start();
  log_.publisher().publish_early(zone("", "early."));
  EXPECT_EQ(ask({.type = RrType::kAxfr, .zone = "early."}).rcode(), Rcode::kServFail);
}

TEST_F(TransferDeskTest, AnExpiredZoneIsAServFail) {
  start_with_zone();
  start();
  log_.publisher().set_states(LogId::kCluster, {{name(kZone), ServeState::kExpired}});
  EXPECT_EQ(ask({.type = RrType::kAxfr}).rcode(), Rcode::kServFail);
  EXPECT_EQ(ask({.known = 1}).rcode(), Rcode::kServFail);
}

TEST_F(TransferDeskTest, AStreamThatEndsEarlyIsCounted) {
  start_with_zone();
  start();
  std::unique_ptr<AnswerStream> stream;
  desk_->serve({.message = wire_of({.type = RrType::kAxfr}),
                .from = *SocketAddress::from_text("192.0.2.7:1"),
                .transport = Transport::kTcp,
                .answer = [&stream](RequestAnswer answer) { stream = std::move(answer.stream); }});
  ASSERT_NE(stream, nullptr);
  EXPECT_EQ(stats().cut.load(), 0U);
  stream.reset();
  EXPECT_EQ(stats().cut.load(), 1U);
}

/// The value of the EXPIRE option; nothing when there is none.
std::optional<std::uint32_t> expire_in(const Message& message) {
  for (const MessageRecord& record : message.additionals) {
    if (record.type == RrType::kOpt && record.rdata.size() == 8 && record.rdata[1] == 9) {
      return load_be32(record.rdata.data() + 4);
    }
  }
  return std::nullopt;
}

// RFC 7314 s3.1, s3.2
TEST_F(TransferDeskTest, TellsTheLeadersExpireAndTheFollowersTimer) {
  start_with_zone();
  start();
  const auto told = [this](const Transfer& asked) { return expire_in(ask(asked).messages[0]); };
  const std::vector<Transfer> questions{
      {.type = RrType::kSoa, .transport = Transport::kUdp, .expire = true},
      {.type = RrType::kAxfr, .expire = true},
      {.known = 1, .transport = Transport::kUdp, .expire = true}};
  for (const Transfer& asked : questions) {
    EXPECT_EQ(told(asked), kExpire);
  }
  EXPECT_EQ(told({.type = RrType::kAxfr}), std::nullopt) << "nobody asked";
  EXPECT_EQ(told({.type = RrType::kSoa, .zone = "a.example.", .expire = true}), std::nullopt);
  EXPECT_EQ(told({.type = RrType::kSoa, .zone = "elsewhere.", .expire = true}), std::nullopt)
      << "RFC 7314 s3.3";

  ExpiryWatch watch(*log_, log_.publisher());
  desk_->transfers().set_expiry(&watch);
  EXPECT_EQ(told(questions[0]), std::nullopt) << "there never was contact";
  watch.on_contact();
  clock_.advance(seconds(1000));
  for (const Transfer& asked : questions) {
    EXPECT_EQ(told(asked), kExpire - 1000);
  }
  clock_.advance(seconds(kExpire));
  EXPECT_EQ(told(questions[1]), 0U);
}

}  // namespace
}  // namespace tandem::test
