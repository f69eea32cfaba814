// Where the doctor begins, beside a resolver that says what it is told to.
#include "ctl/doctor_start.h"

#include <atomic>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/dns/rdata.h"

namespace tandem {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr ProbeLimits kLong{.timeout = std::chrono::seconds(20), .tries = 1};

Name name(std::string_view text) {
  return Name::from_text(text).value();
}

/// Answers each question from a few records until it is destroyed; SERVFAIL below `broken.`.
class Resolver {
 public:
  explicit Resolver(std::vector<MessageRecord> records)
      : records_(std::move(records)), thread_([this] { run(); }) {}

  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  ~Resolver() {
    udp::socket waker(io_, udp::v4());
    waker.send_to(asio::buffer("", 1), socket_.local_endpoint());  // no message: the end
    thread_.join();
  }

  [[nodiscard]] HostPort place() const {
    return {"127.0.0.1", std::to_string(socket_.local_endpoint().port())};
  }

  [[nodiscard]] int asked() const { return asked_; }

 private:
  void run() {
    for (;;) {
      udp::endpoint from;
      Octets query(kMaxMessageOctets);
      query.resize(socket_.receive_from(asio::buffer(query), from));
      auto message = parse_message(query);
      if (!message) {
        return;
      }
      ++asked_;
      const Question& question = message->questions.at(0);
      message->flags = kFlagQr | kFlagRa;
      if (question.name.is_subdomain_of(name("broken."))) {
        message->flags |= 2U;
      }
      for (const MessageRecord& record : records_) {
        if (record.owner == question.name && record.type == question.type) {
          message->answers.push_back(record);
        }
      }
      socket_.send_to(asio::buffer(write_message(*message).value()), from);
    }
  }

  asio::io_context io_;
  udp::socket socket_{io_, udp::endpoint(asio::ip::address_v4::loopback(), 0)};
  const std::vector<MessageRecord> records_;
  std::atomic<int> asked_{0};
  std::thread thread_;
};

MessageRecord record(std::string_view owner, RrType type, std::string_view text) {
  return {name(owner), type, RrClass::kIn, 60, rdata_from_text(type, text).value()};
}

std::vector<MessageRecord> com() {
  return {record("com.", RrType::kNs, "a.nic.example."),
          record("com.", RrType::kNs, "b.nic.example."),
          record("a.nic.example.", RrType::kA, "192.0.2.1"),
          record("a.nic.example.", RrType::kAaaa, "2001:db8::1"),
          record("b.nic.example.", RrType::kA, "192.0.2.2")};
}

std::vector<std::string> texts_of(const std::vector<HostPort>& places) {
  std::vector<std::string> out;
  for (const HostPort& place : places) {
    out.push_back(to_text(place));
  }
  return out;
}

TEST(DoctorStart, ResolversAreTheFirstThreeOfTheFile) {
  EXPECT_THAT(texts_of(resolvers_of(
                  "# nameserver 192.0.2.9\nsearch example.com\nnameserver 192.0.2.1\n"
                  "  nameserver\t2001:db8::1  trailing\nnameserver\nnameserver name.example\n"
                  "nameserver 192.0.2.2\r\nnameserver 192.0.2.3\n")),
              ElementsAre("192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.2:53"));
  EXPECT_THAT(resolvers_of(""), IsEmpty());
  EXPECT_THAT(resolvers_of("nameserver"), IsEmpty());
}

TEST(DoctorStart, TheParentIsTheNextNameWithNsRecords) {
  const Resolver resolver(com());
  const DoctorStart start({resolver.place()}, kLong);
  const std::vector<std::string> servers = {"192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.2:53"};
  EXPECT_EQ(texts_of(start.find_parents(name("example.com.")).value()), servers);
  EXPECT_EQ(texts_of(start.find_parents(name("c.b.a.com.")).value()), servers);
  const auto none = start.find_parents(name("example.net."));
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().detail, HasSubstr("no zone above"));
}

TEST(DoctorStart, AParentWithoutAddressesIsNotFound) {
  const Resolver resolver({record("com.", RrType::kNs, "a.nic.example.")});
  const auto found = DoctorStart({resolver.place()}, kLong).find_parents(name("example.com."));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::kUnavailable);
}

TEST(DoctorStart, TheNextResolverIsAskedWhenOneCannotSay) {
  const Resolver first({});
  const Resolver second({record("ns.broken.", RrType::kA, "192.0.2.1")});
  const DoctorStart start({first.place(), second.place()}, kLong);
  const auto hosts = start.look_up({name("ns.broken."), name("ns.example.")});
  EXPECT_FALSE(hosts.at(name("ns.broken.")).is_known);  // SERVFAIL from both
  EXPECT_TRUE(hosts.at(name("ns.example.")).is_known);
  EXPECT_EQ(first.asked(), 4);
  EXPECT_EQ(second.asked(), 2);
}

TEST(DoctorStart, TheRootHasNoParent) {
  const auto found = DoctorStart({}, kLong).find_parents(Name());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::kInvalid);
}

TEST(DoctorStart, WithoutAResolverNothingIsKnown) {
  const DoctorStart start({}, kLong);
  const auto found = start.find_parents(name("example.com."));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::kUnavailable);
  const auto hosts = start.look_up({name("ns.example.")});
  ASSERT_EQ(hosts.size(), 1U);
  EXPECT_FALSE(hosts.at(name("ns.example.")).is_known);
}

}  // namespace
}  // namespace tandem
