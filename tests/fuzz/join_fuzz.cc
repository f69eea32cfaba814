// Any octets as a token, and as what a stranger says to either end of an invitation: a token that
// is read is written the same, and nobody becomes a member without the token.
//
//   octets := (length:u16 frame)*
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/check.h"
#include "common/node/inviter.h"
#include "common/node/joiner.h"
#include "common/replication/frames.h"

namespace tandem {
namespace {

class Stranger final : public LinkPeer {
 public:
  explicit Stranger(const KeyPin& pin) : pin_(pin) {}

  void send(const Frame& frame) override {
    CHECK(decode_frame(encode_frame(frame)).value() == frame);
  }

  [[nodiscard]] std::size_t queued_octets() const override { return 0; }

  void close(std::string_view /*reason*/) override {}

  [[nodiscard]] const KeyPin& pin() const override { return pin_; }

  [[nodiscard]] const std::string& address() const override { return address_; }

  [[nodiscard]] bool is_dialled() const override { return true; }

 private:
  KeyPin pin_;
  std::string address_ = "192.0.2.1:7953";
};

void try_token(std::string_view text) {
  if (const auto token = JoinToken::from_text(text)) {
    CHECK(JoinToken::from_text(token->to_text()).value() == *token);
  }
}

template <class Take>
void each_frame(OctetSpan octets, const Take& take) {
  while (octets.size() >= 2) {
    const std::size_t length = load_be16(octets.data());
    octets = octets.subspan(2);
    const OctetSpan one = octets.first(std::min(length, octets.size()));
    octets = octets.subspan(one.size());
    if (auto frame = decode_frame(one)) {
      take(*std::move(frame));
    }
  }
}

void try_frames(OctetSpan octets) {
  static const ManualClock clock;
  static const KeyPin home{};
  static const KeyPin other{{1}};
  static const JoinToken token = JoinToken::make(home);
  Inviter::Options options;
  options.key.pin = home;
  options.at = "192.0.2.1:7953";
  options.join_key = token.key();
  options.accept = [](const KeyPin&) -> Status {
    CHECK(false);
    return {};
  };
  options.on_done = [] { CHECK(false); };
  options.on_wrong = [](const LinkPeer&) {};
  Inviter inviter(options, clock);
  Joiner joiner(token, other, []() -> Status {
    CHECK(false);
    return {};
  });
  const auto stranger = std::make_shared<Stranger>(other);
  inviter.on_open(stranger);
  joiner.on_open(stranger);
  each_frame(octets, [&](const Frame& frame) {
    inviter.on_frame(stranger, frame);
    joiner.on_frame(stranger, frame);
  });
  inviter.on_close(stranger, "end");
  joiner.on_close(stranger, "end");
  CHECK(!joiner.outcome() || !*joiner.outcome());
}

}  // namespace
}  // namespace tandem

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tandem::try_token({reinterpret_cast<const char*>(data), size});
  tandem::try_frames({data, size});
  return 0;
}
