#include "tests/unit/program/storm_clients.h"

#include <array>
#include <sys/socket.h>
#include <thread>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/unit/net/dns_servers.h"

namespace tandem::test {
namespace {

constexpr std::uint16_t kQueriesPerSocket = 64;  // then another port, and so perhaps another worker
constexpr std::uint16_t kQueriesPerConnection = 8;
/// For an answer. Servers end while they are asked, so that some never come.
constexpr int kShortMs = 50;

/// Not valid when nobody listens any more.
UniqueFd connected(const SocketAddress& server, int type) {
  UniqueFd fd(::socket(server.family(), type | SOCK_CLOEXEC, 0));
  const bool is_good = ::connect(fd.get(), server.system(), server.system_octets()) == 0;
  return is_good ? std::move(fd) : UniqueFd();
}

bool send(const UniqueFd& fd, const Octets& octets) {
  return ::send(fd.get(), octets.data(), octets.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(octets.size());
}

Octets query(std::uint16_t id, std::string_view owner, RrType type) {
  Octets wire = query_wire(name(owner), type, false, false, 0);
  store_be16(wire.data(), id);
  return wire;
}

std::optional<std::uint32_t> version_in(const MessageRecord& record) {
  if (record.type != RrType::kA || record.rdata.size() != 4 || record.rdata.front() != 10) {
    return std::nullopt;
  }
  return load_be32(record.rdata.data()) & 0xffffffU;
}

std::optional<Message> read_message(const UniqueFd& fd) {
  const Octets wire = read_framed(fd, kShortMs);
  if (wire.empty()) {
    return std::nullopt;
  }
  auto message = parse_message(wire);
  EXPECT_TRUE(message);
  return message ? std::optional(*std::move(message)) : std::nullopt;
}

/// Reads a transfer up to its second SOA. False: it was refused or did not come whole.
bool read_zone(const UniqueFd& fd) {
  int soas = 0;
  std::uint32_t names = 0;
  std::optional<std::uint32_t> version;
  while (soas < 2) {
    const auto message = read_message(fd);
    if (!message || message->rcode() != Rcode::kNoError) {
      return false;
    }
    for (const MessageRecord& record : message->answers) {
      soas += record.type == RrType::kSoa ? 1 : 0;
      if (const auto seen = version_in(record)) {
        ++names;
        EXPECT_EQ(*seen, version.value_or(*seen)) << "a transfer of two versions";
        version = seen;
      }
    }
  }
  EXPECT_EQ(names, kNames);
  return true;
}

}  // namespace

std::string owner_of(std::uint32_t number) {
  return fmt::format("n{}.example.", number);
}

std::string address_of(std::uint32_t version) {
  return fmt::format("10.{}.{}.{}", version >> 16U & 255U, version >> 8U & 255U, version & 255U);
}

void UdpClient::ask_for_a_while() {
  const UniqueFd fd = connected(server_, SOCK_DGRAM);
  std::array<std::uint8_t, 2048> room{};
  for (std::uint16_t id = 0; id < kQueriesPerSocket && !again_.is_ending(); ++id) {
    if (!send(fd, query(id, owner_of(id % kNames), RrType::kA)) || !is_readable(fd, kShortMs)) {
      continue;
    }
    const ssize_t octets = ::recv(fd.get(), room.data(), room.size(), 0);
    if (octets <= 0) {
      continue;  // nobody is there any more
    }
    const auto answer = parse_message(OctetSpan(room).first(static_cast<std::size_t>(octets)));
    ASSERT_TRUE(answer);
    if (answer->id == id) {  // not of one that came too late
      check(*answer);
    }
  }
}

void UdpClient::check(const Message& answer) {
  ++answered_;
  if (knows_ == Knows::kPerhaps && answer.rcode() == Rcode::kRefused) {
    EXPECT_EQ(newest_, 0U) << "it had the zone before";
    return;
  }
  ASSERT_EQ(answer.rcode(), Rcode::kNoError);
  ASSERT_EQ(answer.answers.size(), 1U);
  const auto version = version_in(answer.answers.front());
  ASSERT_TRUE(version);
  EXPECT_GE(*version, newest_) << "an older answer after a newer one";
  newest_ = *version;
}

void TcpClient::connect_once() {
  const UniqueFd fd = connected(server_, SOCK_STREAM);
  Octets out;
  for (std::uint16_t id = 0; id < kQueriesPerConnection; ++id) {
    append(out, framed(query(id, owner_of(id), RrType::kA)));
  }
  append(out, framed(query(kQueriesPerConnection, "example.", RrType::kAxfr)));
  if (!fd.valid() || !send(fd, out)) {
    std::this_thread::yield();
    return;
  }
  for (std::uint16_t id = 0; id < kQueriesPerConnection; ++id) {
    const auto answer = read_message(fd);
    if (!answer) {
      return;  // the server ends
    }
    EXPECT_EQ(answer->id, id);
  }
  if (read_zone(fd)) {
    ++transfers_;
  }
}

}  // namespace tandem::test
