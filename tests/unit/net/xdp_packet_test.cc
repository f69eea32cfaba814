// Frames in, frames out: what is answered, what is not, and checksums that others find right.
#include "common/net/xdp_packet.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

/// RFC 1071 as it says itself: 16 bits at a time. 0 over data that have their checksum in them.
std::uint16_t plain_checksum(const Octets& octets) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    const unsigned low = i + 1 < octets.size() ? octets[i + 1] : 0U;
    sum += (unsigned{octets[i]} << 8U) | low;
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  return static_cast<std::uint16_t>(~sum);
}

constexpr std::size_t kIp = kEthernetOctets;

class XdpPacket : public testing::TestWithParam<bool> {
 protected:
  static bool is_ip6() { return GetParam(); }

  static std::size_t head() { return is_ip6() ? kUdp6HeadOctets : kUdp4HeadOctets; }

  static std::size_t udp() { return head() - 8; }

  static void sum_ip4(Octets& frame) {
    store_be16(frame.data() + kIp + 10, 0);
    store_be16(frame.data() + kIp + 10,
               plain_checksum(Octets(frame.begin() + kIp, frame.begin() + kIp + 20)));
  }

  /// From port 4660 to port 53, with `message` in it; from 198.51.100.7 or 2001:db8::7.
  static Octets frame_with(const Octets& message) {
    Octets frame{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9};
    const auto octets = static_cast<std::uint16_t>(8 + message.size());
    if (is_ip6()) {
      append(frame, Octets{0x86, 0xdd, 0x60, 0, 0, 0});
      append_be(frame, octets);
      append(frame, Octets{17, 60});
      append(frame, Octets{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7});
      append(frame, Octets{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    } else {
      append(frame, Octets{8, 0, 0x45, 0});
      append_be(frame, static_cast<std::uint16_t>(20 + octets));
      append(frame, Octets{0, 7, 0, 0, 60, 17, 0, 0, 198, 51, 100, 7, 192, 0, 2, 1});
      sum_ip4(frame);
    }
    append(frame, Octets{0x12, 0x34, 0, 53});
    append_be(frame, octets);
    append(frame, Octets{0xbe, 0xef});
    append(frame, message);
    return frame;
  }

  static bool is_answered(const Octets& frame) { return read_datagram(frame).head_octets != 0; }
};

INSTANTIATE_TEST_SUITE_P(Ip4AndIp6, XdpPacket, testing::Bool());

TEST_P(XdpPacket, FindsTheMessageAndLeavesPaddingOfTheFrameOut) {
  const Octets message{1, 2, 3, 4, 5};
  Octets frame = frame_with(message);
  frame.resize(frame.size() + 13);  // an Ethernet frame has 60 octets at least
  const Datagram found = read_datagram(frame);
  EXPECT_EQ(found.head_octets, head());
  EXPECT_EQ(Octets(found.message.begin(), found.message.end()), message);
}

TEST_P(XdpPacket, AnswersGoBackWithRightChecksums) {
  for (std::size_t size = 1; size < 40; ++size) {
    const Octets frame = frame_with({1, 2, 3});
    Octets out(head() + size, 0xaa);
    const std::size_t whole = write_answer_heads(frame, read_datagram(frame), out, size);
    ASSERT_EQ(whole, out.size());
    EXPECT_EQ(Octets(out.begin(), out.begin() + 6), Octets({2, 0, 0, 0, 0, 9}));
    EXPECT_EQ(Octets(out.begin() + 6, out.begin() + 12), Octets({2, 0, 0, 0, 0, 1}));
    EXPECT_EQ(load_be32(out.data() + udp()), 0x0035'1234U) << "ports change places";

    const std::size_t addresses = is_ip6() ? 8 : 12;
    const std::size_t address_octets = is_ip6() ? 16 : 4;
    Octets pseudo(out.begin() + static_cast<std::ptrdiff_t>(kIp + addresses),
                  out.begin() + static_cast<std::ptrdiff_t>(kIp + addresses + 2 * address_octets));
    EXPECT_EQ(pseudo[address_octets - 1], 1) << "it comes from where the query went";
    EXPECT_EQ(pseudo.back(), 7);
    append_be(pseudo, static_cast<std::uint32_t>(8 + size));
    append_be(pseudo, std::uint32_t{17});
    pseudo.insert(pseudo.end(), out.begin() + static_cast<std::ptrdiff_t>(udp()), out.end());
    EXPECT_EQ(plain_checksum(pseudo), 0) << size;
    if (!is_ip6()) {
      EXPECT_EQ(plain_checksum(Octets(out.begin() + kIp, out.begin() + kIp + 20)), 0);
    }
    EXPECT_EQ(read_datagram(out).message.size(), size) << "as a query from us it would be whole";
  }
}

// RFC 768: a checksum that comes out as zero is sent as all ones, because zero says there is none.
TEST_P(XdpPacket, AChecksumIsNeverZero) {
  const Octets frame = frame_with({1, 2, 3});
  bool was_ones = false;
  for (std::uint32_t value = 0; value <= 0xffff; ++value) {
    Octets out(head() + 2);
    store_be16(out.data() + head(), static_cast<std::uint16_t>(value));
    write_answer_heads(frame, read_datagram(frame), out, 2);
    const std::uint16_t sum = load_be16(out.data() + udp() + 6);
    ASSERT_NE(sum, 0);
    was_ones = was_ones || sum == 0xffff;
  }
  EXPECT_TRUE(was_ones);
}

TEST_P(XdpPacket, WhatIsCutOrLiesAboutItsLengthIsNotAnswered) {
  const Octets frame = frame_with({1, 2, 3, 4, 5, 6, 7, 8});
  for (std::size_t size = 0; size < frame.size(); ++size) {
    EXPECT_FALSE(
        is_answered(Octets(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size))))
        << size;
  }
  for (const unsigned octets : {0U, 7U, 17U, 0xffffU}) {
    Octets lying = frame;
    store_be16(lying.data() + udp() + 4, static_cast<std::uint16_t>(octets));
    EXPECT_FALSE(is_answered(lying)) << octets;
  }
  EXPECT_FALSE(is_answered(frame_with({}))) << "no message";
}

TEST_P(XdpPacket, SourcesThatNobodyHasAreNotAnswered) {
  Octets frame = frame_with({1});
  store_be16(frame.data() + udp(), 0);
  EXPECT_FALSE(is_answered(frame)) << "port 0";
  for (const std::size_t address : {0U, 6U}) {
    frame = frame_with({1});
    frame[address] |= 1U;
    EXPECT_FALSE(is_answered(frame)) << "a group of machines";
  }
  const auto ip6 = [](std::uint8_t first, std::uint8_t last) {
    Octets address(16);
    address.front() = first;
    address.back() = last;
    return address;
  };
  const std::vector<Octets> addresses =
      is_ip6() ? std::vector{ip6(0, 0), ip6(0, 1), ip6(0xff, 1)}
               : std::vector<Octets>{
                     {0, 0, 0, 0}, {127, 0, 0, 1}, {224, 0, 0, 251}, {255, 255, 255, 255}};
  for (const Octets& address : addresses) {
    frame = frame_with({1});
    std::ranges::copy(address,
                      frame.begin() + static_cast<std::ptrdiff_t>(kIp + (is_ip6() ? 8 : 12)));
    if (!is_ip6()) {
      sum_ip4(frame);
    }
    EXPECT_FALSE(is_answered(frame));
  }
}

TEST(XdpPacket4, FragmentsOptionsAndWrongHeadsAreNotAnswered) {
  const auto changed = [](std::size_t at, std::uint8_t to) {
    Octets frame{2,   0, 0,  0, 0,    1,    2, 0,  0,  0, 0, 9,   8,  0,   0x45,
                 0,   0, 29, 0, 7,    0,    0, 60, 17, 0, 0, 198, 51, 100, 7,
                 192, 0, 2,  1, 0x12, 0x34, 0, 53, 0,  9, 0, 0,   1};
    frame[at] = to;
    store_be16(frame.data() + kIp + 10,
               plain_checksum(Octets(frame.begin() + kIp, frame.begin() + kIp + 20)));
    return frame;
  };
  EXPECT_NE(read_datagram(changed(0, 2)).head_octets, 0U) << "good as it is";
  EXPECT_EQ(read_datagram(changed(kIp, 0x46)).head_octets, 0U) << "options";
  EXPECT_EQ(read_datagram(changed(kIp + 6, 0x20)).head_octets, 0U) << "a first fragment";
  EXPECT_EQ(read_datagram(changed(kIp + 7, 1)).head_octets, 0U) << "a later fragment";
  EXPECT_EQ(read_datagram(changed(kIp + 9, 6)).head_octets, 0U) << "TCP";
  EXPECT_EQ(read_datagram(changed(12, 9)).head_octets, 0U) << "no IP";
  Octets broken = changed(0, 2);
  broken[kIp + 8] ^= 1U;
  EXPECT_EQ(read_datagram(broken).head_octets, 0U) << "the head's checksum";
}

// RFC 8200: s3 the head, s4.5 fragments, s8.1 a checksum that may not be absent.
TEST(XdpPacket6, FragmentsOtherVersionsAndMissingChecksumsAreNotAnswered) {
  const auto changed = [](std::size_t at, Octets to) {
    Octets frame{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 9, 17, 60};
    append(frame, Octets{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7});
    append(frame, Octets{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    append(frame, Octets{0x12, 0x34, 0, 53, 0, 9, 0xbe, 0xef, 1});
    std::ranges::copy(to, frame.begin() + static_cast<std::ptrdiff_t>(at));
    return frame;
  };
  constexpr std::size_t kPayloadLength = kIp + 4;
  constexpr std::size_t kNextHeader = kIp + 6;
  constexpr std::size_t kChecksum = kIp + kIp6Octets + 6;
  EXPECT_NE(read_datagram(changed(0, {2})).head_octets, 0U) << "good as it is";
  EXPECT_EQ(read_datagram(changed(kIp, {0x40})).head_octets, 0U) << "version 4";
  EXPECT_EQ(read_datagram(changed(kIp, {0x70})).head_octets, 0U) << "version 7";
  for (const std::uint8_t next : Octets{0, 6, 43, 44, 60}) {
    EXPECT_EQ(read_datagram(changed(kNextHeader, {next})).head_octets, 0U)
        << "another header or a fragment: " << int{next};
  }
  for (const std::uint8_t octets : Octets{0, 7, 8, 10}) {
    EXPECT_EQ(read_datagram(changed(kPayloadLength, {0, octets})).head_octets, 0U)
        << "a payload length that does not fit: " << int{octets};
  }
  EXPECT_EQ(read_datagram(changed(kPayloadLength, {0xff, 0xff})).head_octets, 0U);
  EXPECT_EQ(read_datagram(changed(kChecksum, {0, 0})).head_octets, 0U) << "no checksum";
}

}  // namespace
}  // namespace tandem
