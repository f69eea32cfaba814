// What a writer of transfers gives, message by message, read again.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/dns/message.h"
#include "tests/support/asking.h"

namespace tandem::test {

struct WrittenMessages {
  std::vector<Message> messages;
  std::vector<std::size_t> octets;  // of each
  std::vector<std::string> lines;   // of all records
};

/// All that `writer` has for messages of at most `room` octets; each has to parse.
template <class Writer>
WrittenMessages written_by(Writer& writer, std::size_t room_octets = kMaxMessageOctets) {
  WrittenMessages out;
  Octets room(room_octets);
  while (const std::size_t octets = writer.next(room)) {
    auto message = parse_message(OctetSpan(room).first(octets));
    EXPECT_TRUE(message) << message.error().detail;
    if (!message) {
      break;
    }
    const auto lines = lines_of(message->answers);
    out.lines.insert(out.lines.end(), lines.begin(), lines.end());
    out.octets.push_back(octets);
    out.messages.push_back(*std::move(message));
  }
  return out;
}

}  // namespace tandem::test
