// Other servers in the place of DnsClient: what is asked of them is kept until a test answers it.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "common/dns/message.h"
#include "common/node/notifier.h"

namespace tandem::test {

class FakeServers {
 public:
  struct Asked {
    DnsPeer peer;
    Message message;
    DnsClient::Answer answer;

    [[nodiscard]] bool is_notify() const {
      return Header{.flags = message.flags}.opcode() == Opcode::kNotify;
    }

    [[nodiscard]] std::string to() const { return peer.address.to_text(); }
  };

  [[nodiscard]] AskServer ask() {
    return [this](const DnsPeer& peer, const Octets& message, const AskOptions& /*options*/,
                  DnsClient::Answer answer) {
      asked.push_back({peer, *parse_message(message), std::move(answer)});
    };
  }

  /// Takes the one that waits longest. Requires: one does.
  [[nodiscard]] Asked next() {
    Asked first = std::move(asked.front());
    asked.pop_front();
    return first;
  }

  std::deque<Asked> asked;
};

/// Answers NOERROR, or with another rcode.
inline void answer(FakeServers::Asked asked, Rcode rcode = Rcode::kNoError) {
  Message message = asked.message;
  message.flags =
      static_cast<std::uint16_t>(message.flags | kFlagQr | static_cast<std::uint16_t>(rcode));
  message.answers.clear();
  asked.answer(write_message(message));
}

/// Answers a question for an SOA with authority.
inline void answer_serial(FakeServers::Asked asked, Serial serial) {
  Message message = asked.message;
  message.flags |= kFlagQr | kFlagAa;
  Octets rdata(2 + kSoaNumbersOctets);  // two root names
  set_soa_serial(rdata, serial);
  message.answers = {
      {message.questions.front().name, RrType::kSoa, RrClass::kIn, 60, std::move(rdata)}};
  asked.answer(write_message(message));
}

inline void do_not_answer(FakeServers::Asked asked) {
  asked.answer(fail(Errc::kTimeout, "it does not answer"));
}

}  // namespace tandem::test
